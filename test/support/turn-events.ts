import { hash } from 'node:crypto'

import type { ConversationClaims } from '../../src/core/conversation-claims.ts'
import type { BusEvent } from '../../src/core/bus.ts'
import type { Turn } from '../../src/core/turn.ts'
import { writeTurnEvent } from '../../src/events/write-turn-event.ts'

/** Of a first message, unless said otherwise. */
export function claimsWith(changes: Partial<ConversationClaims>): ConversationClaims {
  const user = hash('sha256', 'Hi')
  return { callIds: [], rounds: [], olderRounds: 0, current: { user, chain: user }, isStep: false, ...changes }
}

export function turnWith(changes: Partial<Turn> & { readonly requestId: string }): Turn {
  return {
    correlationId: 'c',
    tenant: 'default',
    principal: 'ada',
    claims: claimsWith({}),
    userText: 'Hi',
    kind: 'user',
    startedAtMs: Date.now(),
    durationMs: 5,
    outcome: 'complete',
    input: [{ role: 'user', parts: [{ type: 'text', text: 'Hi\u0000 \ud800' }] }],
    output: [{ type: 'text', text: 'Hello.' }],
    toolCalls: [{ id: 'call_1', name: 'look', argumentsText: '{"a":"\u0000"' }],
    ...changes,
  }
}

export function turnEvent(requestId: string, changes: Partial<Turn> = {}): BusEvent {
  return writeTurnEvent(turnWith({ requestId, ...changes }), { instanceId: 'test' })
}
