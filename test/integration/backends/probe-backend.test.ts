import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'

import { expect, onTestFinished, test } from 'vitest'

import { probeBackend, type ProbeOptions } from '../../../src/backends/probe/probe-backend.ts'
import type { ProbeCheck, ProbeReport } from '../../../src/backends/probe/probe-report.ts'
import type { BackendSettings } from '../../../src/core/backend.ts'
import { backendSettings } from '../../support/backend-settings.ts'
import { listen } from '../../support/listen.ts'

type Answer = object | ((response: ServerResponse, body: unknown) => void)

const options: ProbeOptions = {
  mayLoad: false,
  mayPay: false,
  describeTimeoutMs: 5_000,
  inferenceTimeoutMs: 10_000,
}

const model = { id: 'm', object: 'model', owned_by: 'vllm', max_model_len: 32_768 }

/** A vLLM that lists one model and answers as told. */
async function probe(
  answers: Readonly<Record<string, Answer>>,
  settings: Partial<BackendSettings> = {},
  listed: object = model,
): Promise<{ report: ProbeReport; asked: readonly string[] }> {
  const asked: string[] = []
  const all: Record<string, Answer> = { 'GET /v1/models': { data: [listed] }, 'GET /version': {}, ...answers }
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`)
    void answer(request, response, all[`${request.method} ${request.url}`])
  })
  const { port, close } = await listen(server)
  onTestFinished(close)
  return {
    report: await probeBackend(backendSettings({ url: `http://127.0.0.1:${port}`, ...settings }), options),
    asked,
  }
}

async function answer(request: IncomingMessage, response: ServerResponse, reply: Answer = {}): Promise<void> {
  let body = ''
  for await (const chunk of request) body += String(chunk)
  if (typeof reply === 'function') reply(response, body === '' ? undefined : JSON.parse(body))
  else response.setHeader('content-type', 'application/json').end(JSON.stringify(reply))
}

function stepOf({ checks }: ProbeReport, step: string): ProbeCheck | undefined {
  return checks.find((check) => check.step === step)
}

const chats = (message: object): Answer => ({
  choices: [{ message, finish_reason: 'stop' }],
  usage: { prompt_tokens: 200, completion_tokens: 8 },
})

const callsTool: Answer = (response, body) => {
  const hasTools = typeof body === 'object' && body !== null && 'tools' in body
  const call = { index: 0, function: { name: 'read_harbour_log', arguments: '{"day":3}' } }
  const events = [{ content: 'On' }, { content: ' day 24.' }, ...(hasTools ? [{ tool_calls: [call] }] : [])]
  response.setHeader('content-type', 'text/event-stream')
  for (const delta of events) response.write(`data: ${JSON.stringify({ choices: [{ delta }] })}\n\n`)
  response.end('data: {"choices":[],"usage":{"prompt_tokens":200,"completion_tokens":8}}\n\ndata: [DONE]\n\n')
}

test('a model that works is fine, and its speeds are measured by the stream where the engine does not tell', async () => {
  const { report } = await probe({ 'POST /v1/chat/completions': callsTool })
  expect(report).toMatchObject({ kind: 'vllm', verdict: 'fine' })
  expect(report.checks.map(({ step, outcome }) => `${step} ${outcome}`)).toEqual([
    'reach passed',
    'chat passed',
    'context passed',
    'tools passed',
  ])
  expect(stepOf(report, 'chat')?.measured).toMatchObject({
    prefillTokensPerSecond: expect.any(Number),
    firstTokenMs: expect.any(Number),
  })
})

test('a model that loads well and crashes when it computes has failed, and the reason says so (N3.8)', async () => {
  const { report } = await probe({ 'POST /v1/chat/completions': (response) => void response.destroy() })
  expect(report.verdict).toBe('failed')
  expect(stepOf(report, 'chat')).toMatchObject({
    outcome: 'failed',
    detail: expect.stringMatching(/died while it computed.*another CPU or GPU, or too little memory/),
  })
  expect(report.checks.map(({ step }) => step)).toEqual(['reach', 'chat'])
})

test('a model that answers with nothing has failed', async () => {
  const { report } = await probe({ 'POST /v1/chat/completions': chats({ content: '' }) })
  expect(stepOf(report, 'chat')).toMatchObject({ outcome: 'failed', detail: expect.stringContaining('nothing') })
})

test('a model that only reasons within the tokens it may write works', async () => {
  const { report } = await probe({ 'POST /v1/chat/completions': chats({ content: '', reasoning_content: 'Hm.' }) })
  expect(stepOf(report, 'chat')?.outcome).toBe('passed')
})

test('a model that ignores its tool is noted', async () => {
  const { report } = await probe({ 'POST /v1/chat/completions': chats({ content: 'I cannot read logs.' }) })
  expect(stepOf(report, 'tools')?.outcome).toBe('finding')
  expect(report.verdict).toBe('findings')
})

const embeddingModel = { ...model, id: 'bge-m3' }
const vectors = (...values: readonly (readonly unknown[])[]): Answer => ({
  data: values.map((embedding, index) => ({ index, embedding })),
})

test.each([
  ['two different vectors', vectors([0.1, 0.2], [0.3, 0.1]), 'passed'],
  ['zeros throughout', vectors([0, 0], [0, 0]), 'failed'],
  ['null instead of numbers', vectors([null, null], [null, null]), 'failed'],
  ['the same vector twice', vectors([0.1, 0.2], [0.1, 0.2]), 'failed'],
  ['vectors of different lengths', vectors([0.1, 0.2], [0.1]), 'failed'],
  ['no vectors', {}, 'failed'],
])('an embedding model that gives %s: %s', async (_what, reply, outcome) => {
  const { report, asked } = await probe({ 'POST /v1/embeddings': reply }, {}, embeddingModel)
  expect(stepOf(report, 'embedding')?.outcome).toBe(outcome)
  expect(asked.filter((question) => question.includes('chat'))).toEqual([])
})

test.each([
  ['the relevant document first', { results: [scored(1, 0.9), scored(0, 0.1)] }, 'passed'],
  ['the unrelated document first', { results: [scored(0, 0.9), scored(1, 0.1)] }, 'failed'],
  ['one document only', { results: [scored(1, 0.9)] }, 'failed'],
  [
    'its scores in another shape',
    {
      data: [
        { index: 1, score: 2 },
        { index: 0, score: -1 },
      ],
    },
    'passed',
  ],
])('a reranker that gives %s: %s', async (_what, reply, outcome) => {
  const { report } = await probe({ 'POST /v1/rerank': reply }, {}, { ...model, id: 'bge-reranker-v2-m3' })
  expect(stepOf(report, 'rerank')?.outcome).toBe(outcome)
})

test('what costs money is not asked, and says what would allow it', async () => {
  const { report, asked } = await probe({}, { isPaid: true })
  expect(stepOf(report, 'chat')).toMatchObject({ outcome: 'skipped', detail: expect.stringContaining('--paid') })
  expect(asked.filter((question) => question.startsWith('POST'))).toEqual([])
})

test('a backend that cannot be reached has failed with its reason, and nothing else is asked', async () => {
  const report = await probeBackend(backendSettings({ url: 'http://no-such-host.invalid' }), options)
  expect(report).toMatchObject({ verdict: 'failed', checks: [{ step: 'reach', outcome: 'failed' }], models: [] })
})

function scored(index: number, score: number): object {
  return { index, relevance_score: score }
}
