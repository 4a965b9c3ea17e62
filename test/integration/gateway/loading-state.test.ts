import OpenAI from 'openai'
import { expect, test } from 'vitest'

import type { LoadingState } from '../../../src/core/wait-progress.ts'
import { errorOf, postChat } from '../../support/chat.ts'
import { collectItems } from '../../support/collect-items.ts'
import { closeAfterEach } from '../../support/resources.ts'
import { residencyOf, simulatedModel } from '../../support/simulated-profile.ts'
import { startTestGateway, type TestGateway } from '../../support/start-gateway.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const keep = closeAfterEach()

/** Beats ten times a second, so that a load of a second is long enough to be told of. */
const config = 'dialects: { keep_alive: { interval: 100ms, delta_interval: 1h } }'

async function start(options: { loadingState?: LoadingState; args?: readonly string[] } = {}): Promise<TestGateway> {
  const { loadingState = 'comment', args = ['--time-scale', '1', '--load-time', '1200ms'] } = options
  const residency = residencyOf([simulatedModel('slow', { loadingState, args })], 1)
  return keep(await startTestGateway(config, { residency, dataDirectory: temporaryFolder() }))
}

function ask(gateway: TestGateway, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
  return postChat(gateway.url, { model: 'slow', stream: true, max_tokens: 8 }, { headers })
}

interface Chunk {
  readonly choices?: readonly { readonly delta: { readonly content?: string; readonly reasoning_content?: string } }[]
  readonly llmr_progress?: { readonly phase: string; readonly within_ms: number }
}

async function read(response: Response) {
  const text = await response.text()
  const data = Array.from(text.matchAll(/^data: (\{.*)$/gm), ([, json = '']) => JSON.parse(json) as Chunk)
  const deltas = data.flatMap(({ choices = [] }) => choices.map(({ delta }) => delta))
  return {
    text,
    content: deltas.map(({ content = '' }) => content).join(''),
    reasoning: deltas.flatMap(({ reasoning_content: line }) => line ?? []),
    progress: data.flatMap(({ llmr_progress: progress }) => progress ?? []),
    comments: text.match(/^: llmr: .*$/gm) ?? [],
  }
}

test('a stream that waits for a load gets its headers at once and comments on the way, then the reply (N4.9)', async () => {
  const gateway = await start()
  const reply = await read(await ask(gateway))
  expect(reply.comments[0]).toMatch(/^: llmr: slow is loading, about \d+ s left$/)
  expect(reply.comments.at(-1)).toMatch(/^: llmr: slow is ready after \d+ s$/)
  expect(reply.text.indexOf(reply.comments.at(-1)!)).toBeLessThan(reply.text.indexOf('data: '))
  expect(reply.content).not.toBe('')
  expect(reply.text.trimEnd().endsWith('data: [DONE]')).toBe(true)
})

test('progress shown as reasoning ends before the reply begins, and nothing of it is content (N2.7)', async () => {
  const gateway = await start()
  const shown = await read(await ask(gateway, { 'x-llmr-loading': 'reasoning' }))
  expect(shown.reasoning[0]).toMatch(/slow is loading/)
  expect(shown.reasoning.at(-1)).toMatch(/slow is ready/)
  const plain = await read(await ask(gateway, { 'x-llmr-loading': 'off' }))
  expect(plain.reasoning).toEqual([])
  expect(shown.content).toBe(plain.content)
})

test('progress events have a name and figures, and a client that does not know them reads the reply all the same', async () => {
  const gateway = await start({ loadingState: 'status' })
  const client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: 'none', maxRetries: 0 })
  const [chunks, watched] = await Promise.all([
    client.chat.completions
      .create({ model: 'slow', stream: true, max_tokens: 8, messages: [{ role: 'user', content: 'hi' }] })
      .then(collectItems),
    ask(gateway).then(read),
  ])
  expect(watched.text).toMatch(/^event: llmr\.progress$/m)
  expect(watched.progress[0]).toMatchObject({ version: 1, model: 'slow', phase: 'loading' })
  expect(watched.progress.at(-1)).toMatchObject({ phase: 'ready', within_ms: 0 })
  expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('')).toBe(watched.content)
})

test('a load that fails under a stream that has been opened is told inside it, and not as an end', async () => {
  const gateway = await start({ args: ['--time-scale', '1', '--load-time', '900ms', '--fault', 'crash-at-load'] })
  const response = await ask(gateway)
  expect(response.status).toBe(200)
  const { text, comments } = await read(response)
  expect(comments.some((comment) => comment.includes('ready'))).toBe(false)
  expect(text).toContain('"code":"load_failed"')
  expect(text).not.toContain('[DONE]')
})

test('a request that is no stream waits, and gets a whole reply with its headers', async () => {
  const gateway = await start({ loadingState: 'status' })
  const response = await postChat(gateway.url, { model: 'slow', max_tokens: 4 })
  expect(response.status).toBe(200)
  expect(response.headers.get('x-llmr-backend')).toBe('slow')
  expect(await response.json()).toMatchObject({ object: 'chat.completion' })
})

test('a word that is no loading state is refused before anything is loaded', async () => {
  const gateway = await start()
  expect(await errorOf(await ask(gateway, { 'x-llmr-loading': 'on' }))).toMatchObject({
    status: 400,
    code: 'invalid_request',
  })
  expect(gateway.residency()!.status()[0]).toMatchObject({ phase: 'stopped' })
})
