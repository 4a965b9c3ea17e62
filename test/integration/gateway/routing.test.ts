import { expect, test } from 'vitest'

import { type SimulatedEngine, startSimulatedEngine } from '../../../src/sim/simulated-engine.ts'
import { postChat } from '../../support/chat.ts'
import { closeAfterEach } from '../../support/resources.ts'
import { startTestGateway, type TestGateway } from '../../support/start-gateway.ts'

const keep = closeAfterEach()

async function start(
  models: readonly string[],
  yaml: string,
  options: Parameters<typeof startSimulatedEngine>[0] = {},
): Promise<{ gateway: TestGateway; engines: ReadonlyMap<string, SimulatedEngine> }> {
  const engines = new Map<string, SimulatedEngine>()
  for (const model of models) engines.set(model, keep(await startSimulatedEngine({ ...options, model })))
  const backends = Array.from(engines, ([model, { url }]) => `  on-${model}: { url: "${url}", kind: llama.cpp }`)
  return { gateway: keep(await startTestGateway(`backends:\n${backends.join('\n')}\n${yaml}`)), engines }
}

async function route(gateway: TestGateway, request: Record<string, unknown>): Promise<[string | null, string | null]> {
  const response = await postChat(gateway.url, { model: 'auto', ...request })
  await response.arrayBuffer()
  expect(response.status).toBe(200)
  return [response.headers.get('x-llmr-model'), response.headers.get('x-llmr-route')]
}

const auto = 'models: { auto: { pick: { general: chatty, coding: coder, background: tiny } } }'

test('words in the last user message choose between general and coding, with a reason (N1.2)', async () => {
  const { gateway } = await start(['chatty', 'coder', 'tiny'], auto)
  const general = await route(gateway, { messages: [{ role: 'user', content: 'What is a good name for a cat?' }] })
  expect(general).toEqual(['chatty', expect.stringContaining('general')])
  const messages = [{ role: 'user', content: 'Fix this TypeScript function, it throws a TypeError' }]
  expect(await route(gateway, { messages })).toEqual(['coder', expect.stringContaining('coding')])
})

test('a title request full of code goes to the small model, not to the coding GPU (N1.11)', async () => {
  const { gateway } = await start(['chatty', 'coder', 'tiny'], auto)
  const content =
    '### Task:\nGenerate a concise, 3-5 word title with an emoji summarizing the chat history.\n### Output:\n' +
    'JSON format: { "title": "…" }\n### Chat History:\n<chat_history>\nUSER: Fix this TypeScript function\n</chat_history>'
  const [model] = await route(gateway, { messages: [{ role: 'user', content }], stream: false })
  expect(model).toBe('tiny')
  await gateway.logged(({ background_task: task }) => task === 'title_generation')
})

const intent = 'routing: { intent: { model: judge, timeout: 2s } }'

function judgeSays(content: string) {
  return { script: () => ({ content }) }
}

test('the intent model decides, and sees 500 characters of the last user message and nothing else (N1.3)', async () => {
  const { gateway, engines } = await start(
    ['chatty', 'coder', 'tiny', 'judge'],
    `${auto}\n${intent}`,
    judgeSays('{"intent":"coding"}'),
  )
  const messages = [
    { role: 'user', content: 'EARLIER TURN' },
    { role: 'assistant', content: 'EARLIER REPLY' },
    { role: 'user', content: `hello ${'x'.repeat(2_000)}` },
  ]
  const [model] = await route(gateway, { messages })
  expect(model).toBe('coder')
  const asked = engines.get('judge')?.requests.find(({ path }) => path === '/v1/chat/completions')
  expect(asked?.text).not.toContain('EARLIER')
  expect(asked?.text.match(/x+/)?.[0].length).toBeLessThan(500)
})

test('an intent model that writes code instead of JSON leaves the choice to the words (N1.3)', async () => {
  const { gateway } = await start(
    ['chatty', 'coder', 'tiny', 'judge'],
    `${auto}\n${intent}`,
    judgeSays('```python\nprint(1)```'),
  )
  const [model, reason] = await route(gateway, { messages: [{ role: 'user', content: 'Write a poem about rain' }] })
  expect([model, reason]).toEqual(['chatty', expect.stringContaining('general')])
})

test('a name pattern chooses the backend (N3.2)', async () => {
  const vllm = keep(await startSimulatedEngine({ model: 'served-by-pattern' }))
  const other = keep(await startSimulatedEngine({ model: 'other' }))
  const gateway = keep(
    await startTestGateway(`
backends:
  vllm: { url: "${vllm.url}", kind: llama.cpp, models: ["qwen3-14b"] }
  rest: { url: "${other.url}", kind: llama.cpp, models: ["qwen3-14b", other] }
models: { "qwen3-*": { backends: [vllm] } }
`),
  )
  const response = await postChat(gateway.url, { model: 'qwen3-14b' })
  await response.arrayBuffer()
  expect(response.headers.get('x-llmr-backend')).toBe('vllm')
})

test('a request without a model goes to the one that is in use (N4.15)', async () => {
  const { gateway } = await start(['one', 'two'], '')
  await (await postChat(gateway.url, { model: 'two' })).arrayBuffer()
  const response = await postChat(gateway.url, { model: undefined })
  await response.arrayBuffer()
  expect(response.headers.get('x-llmr-model')).toBe('two')
})

test('workers serve different models, listed as one catalogue, with token streaming (N5.6)', async () => {
  const { gateway } = await start(['one', 'two'], '')
  const list = (await (await fetch(`${gateway.url}/v1/models`)).json()) as { data: { id: string }[] }
  expect(list.data.map(({ id }) => id)).toEqual(['one', 'two'])
  const response = await postChat(gateway.url, { model: 'one', stream: true })
  expect(await response.text()).toMatch(/data: \[DONE\]\n\n$/)
})

test('lists and probes reach no backend, so they can wake or switch none (N4.11)', async () => {
  const { gateway, engines } = await start(['one'], '')
  const before = engines.get('one')!.requests.length
  for (const path of ['/v1/models', '/v1/models/one', '/models', '/healthz', '/readyz', '/metrics', '/']) {
    await (await fetch(gateway.url + path)).arrayBuffer()
  }
  expect(engines.get('one')!.requests.length).toBe(before)
})
