import { expect, test } from 'vitest'

import { foreignPolicy } from '../../../src/scheduling/policies/foreign-policy.ts'
import { postChat } from '../../support/chat.ts'
import { closeAfterEach } from '../../support/resources.ts'
import { residencyOf, simulatedModel } from '../../support/simulated-profile.ts'
import { startTestGateway } from '../../support/start-gateway.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const keep = closeAfterEach()

test("a policy of the operator's own that fails every time stops nothing, and is told of once", async () => {
  const plan = residencyOf([simulatedModel('a'), simulatedModel('b')], 1)
  const policy = foreignPolicy('mine', () => {
    throw new Error('a mistake')
  })
  const residency = { ...plan, scheduler: { ...plan.scheduler, policy } }
  const gateway = keep(await startTestGateway('', { residency, dataDirectory: temporaryFolder() }))
  for (const model of ['a', 'b']) {
    expect((await postChat(gateway.url, { model, max_tokens: 2 })).status).toBe(200)
  }
  const told = gateway.log.filter(({ msg }) => String(msg).startsWith('the scheduling policy failed'))
  expect(told).toMatchObject([
    { reason: expect.stringContaining('mine failed, ripe decides instead: Error: a mistake') },
  ])
})
