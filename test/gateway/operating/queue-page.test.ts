import { expect, test } from 'vitest'

import type { Principal } from '../../../src/core/principal.ts'
import { ownView } from '../../../src/gateway/operating/queue-page.ts'
import type { WaiterStanding } from '../../../src/scheduling/snapshot.ts'

const waiter = (principal: string, model = 'a'): WaiterStanding => ({
  requestId: `of-${principal}`,
  model,
  lane: 'interactive',
  principal,
  position: 1,
  waitedMs: 10,
  withinMs: 900,
  isOverdue: false,
})

const alice: Principal = { id: 'alice', scopes: new Set(['chat']), mayUseModel: (model) => model !== 'secret' }

test('who waits sees its own requests whole, and of others only that they wait', () => {
  const snapshot = { policy: 'ripe', models: [], pools: [], swaps: [], queue: [waiter('alice'), waiter('bob')] }
  const { principal: _, requestId: __, ...nameless } = waiter('bob')
  expect(ownView(snapshot, alice)).toEqual({ queue: [waiter('alice'), nameless] })
})

test('models that a key may not use are not in its queue', () => {
  const snapshot = { policy: 'ripe', models: [], pools: [], swaps: [], queue: [waiter('bob', 'secret')] }
  expect(ownView(snapshot, alice)).toEqual({ queue: [] })
})
