import { expect, test } from 'vitest'

import { startSimulatedEngine } from '../../../src/sim/simulated-engine.ts'
import { errorOf } from '../../support/chat.ts'
import { closeAfterEach } from '../../support/resources.ts'
import { startTestGateway } from '../../support/start-gateway.ts'

const keep = closeAfterEach()

async function startWithGuard(answer: (text: string) => string) {
  const engine = keep(
    await startSimulatedEngine({
      model: 'guard',
      script: ({ text }) => ({ content: answer(text) }),
    }),
  )
  const gateway = keep(
    await startTestGateway(`
backends: { safety: { url: "${engine.url}", kind: llama.cpp } }
models: { guard: { moderates_by: chat } }
`),
  )
  return { engine, gateway }
}

function moderate(url: string, body: unknown): Promise<Response> {
  return fetch(`${url}/v1/moderations`, { method: 'POST', body: JSON.stringify(body) })
}

test("a guard model's verdicts become a full moderation reply, whatever model the client names", async () => {
  const { engine, gateway } = await startWithGuard((text) => (text.includes('bomb') ? 'unsafe\nS9' : 'safe'))
  const response = await moderate(gateway.url, { model: 'omni-moderation-latest', input: ['a cake', 'a bomb'] })
  expect(response.status).toBe(200)
  expect(await response.json()).toMatchObject({
    model: 'guard',
    results: [
      { flagged: false, categories: { 'illicit/violent': false } },
      {
        flagged: true,
        categories: { 'illicit/violent': true, hate: false },
        category_scores: { 'illicit/violent': 1 },
      },
    ],
  })
  const asked = engine.requests.filter(({ path }) => path === '/v1/chat/completions')
  expect(asked.map(({ body }) => body)).toMatchObject([{ temperature: 0 }, { temperature: 0 }])
})

test('a guard that answers anything else is an error, never a pass', async () => {
  const { gateway } = await startWithGuard(() => 'I cannot help with that.')
  expect(await errorOf(await moderate(gateway.url, { input: 'x' }))).toMatchObject({
    status: 502,
    code: 'backend_failed',
  })
})

test('a guard that is down is told as such', async () => {
  const { engine, gateway } = await startWithGuard(() => 'safe')
  await engine.close()
  expect(await errorOf(await moderate(gateway.url, { input: 'x' }))).toMatchObject({ code: 'backend_unreachable' })
})
