import { expect, test } from 'vitest'

import { parseConfig } from '../../../src/config/parse-config.ts'
import { parseForeignJson } from '../../../src/core/foreign-json.ts'
import { readTranscripts } from '../../../src/dialects/transcript/read-transcripts.ts'
import { readGatewayFile } from '../../../src/gateway/operating/gateway-file.ts'
import { followRecording } from '../../../src/gateway/operating/recording/follow-recording.ts'
import type { ReplayedRequest } from '../../../src/gateway/operating/replay/replay-transcripts.ts'
import { replayTranscripts } from '../../../src/gateway/operating/replay/replay-transcripts.ts'
import type { Script } from '../../../src/sim/engine-options.ts'
import { startSimulatedEngine } from '../../../src/sim/simulated-engine.ts'
import { closeAfterEach } from '../../support/resources.ts'
import { startTestGateway } from '../../support/start-gateway.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { isOfChat } from '../../support/toolcalls/prompt-messages.ts'

const keep = closeAfterEach()

interface Run {
  readonly replies: readonly Script[]
  readonly toolcalls: string
  readonly body: object
  readonly headers?: Record<string, string>
  readonly kind?: string
}

/** One request through a gateway that records it: what the client got, and what a replay makes of the recording. */
async function recorded({ replies, toolcalls, body, headers = {}, kind = 'llama.cpp' }: Run) {
  const left = [...replies]
  const engine = keep(
    await startSimulatedEngine({
      model: 'm',
      script: ({ path }) => (isOfChat(path) ? (left.shift() ?? { content: 'asked too often' }) : undefined),
    }),
  )
  const dataDirectory = temporaryFolder()
  const gateway = keep(
    await startTestGateway(`backends: { gpu: { url: "${engine.url}", kind: ${kind} } }\ntoolcalls: ${toolcalls}`, {
      dataDirectory,
    }),
  )
  const lines: string[] = []
  const recording = followRecording({
    access: { url: gateway.url, key: readGatewayFile(dataDirectory)?.admin_key ?? '' },
    query: new URLSearchParams({ requests: '1' }),
    write: async (line) => void lines.push(line),
    redact: (value) => value,
    signal: new AbortController().signal,
  })
  await gateway.logged(({ msg }) => msg === 'requests are being recorded, with what people say in them')
  const init = { method: 'POST', headers, body: JSON.stringify({ model: 'm', tools, messages, ...body }) }
  const response = await fetch(`${gateway.url}/v1/chat/completions`, init)
  const text = await response.text()
  await recording
  const { config } = parseConfig({ text: `toolcalls: ${toolcalls}`, file: 'llmr.yaml', backendKinds: [], env: {} })
  const transcripts = readTranscripts(lines.join(''), 'recorded')
  const [replay] = replayTranscripts(transcripts, { toolcalls: config.toolcalls })
  const request = replay?.requests[0]
  if (request === undefined) throw new Error('nothing was recorded')
  return { request, text, line: parseForeignJson(lines[1] ?? '') }
}

function kindsOf({ reply, interventions }: ReplayedRequest): string[] {
  return [...interventions, ...(reply?.steps ?? [])].map(({ kind }) => kind)
}

const parameters = {
  type: 'object',
  properties: { path: { type: 'string' }, limit: { type: 'integer', minimum: 1 } },
  required: ['path'],
}
const tools = [{ type: 'function', function: { name: 'read_file', parameters } }]
const messages = [{ role: 'user', content: 'What is in a.ts?' }]
const tagged = (name: string, args: object): Script => ({
  content: `<tool_call>\n${JSON.stringify({ name, arguments: args })}\n</tool_call>`,
})
const heard = {
  parts: [{ type: 'tool-call', name: 'read_file', argumentsText: '{"path":"a.ts"}' }],
  finishReason: 'calls',
}

test.each(['checked', 'injected', 'raw'])(
  'what a gateway did to calls on lane %s is what a replay of its recording does, and the client hears the same',
  async (lane) => {
    const { request, text } = await recorded({
      toolcalls: `{ lane: ${lane} }`,
      body: {},
      replies: [tagged('ReadFile', { limit: 0 }), tagged('read_file', { path: 'a.ts' })],
    })
    expect(request.unlike).toBeUndefined()
    expect(request.lane).toBe(lane)
    expect(kindsOf(request)).toEqual([
      'calls-read',
      'put-right',
      'wrong',
      'call-asked-again',
      'calls-read',
      'call-put-right',
    ])
    expect(request.reply?.steps[2]?.detail).toContain('`path` is missing.')
    expect(request.reply?.told).toMatchObject(heard)
    expect(text).toContain('read_file')
  },
)

test('a lane that was learnt or asked for stands in the recording: nobody has to configure it for the replay', async () => {
  const { request, line } = await recorded({
    toolcalls: '{}',
    headers: { 'x-llmr-lane': 'injected' },
    body: {},
    replies: [tagged('READ_FILE', { path: 'a.ts' })],
  })
  expect(line).toMatchObject({ way: { lane: 'injected', above_config: true, model: 'm' } })
  expect(request).toMatchObject({ lane: 'injected', unlike: undefined, reply: { told: heard } })
})

test('a chant is cut where it was cut', async () => {
  const unit = 'I will now read the file again. '
  const { request } = await recorded({
    toolcalls: '{}',
    body: { stream: true, tools: [] },
    replies: [{ content: Array.from({ length: 60 }, () => unit) }],
  })
  expect(kindsOf(request)).toEqual(['content-loop'])
  expect(request.unlike).toBeUndefined()
})

test('all that an engine was asked beyond its reply is in the recording: a cut reply is one again', async () => {
  const { request } = await recorded({
    toolcalls: '{ continue_rounds: 3, continue_tokens: 1000 }',
    kind: 'lmstudio',
    body: { tools: [] },
    replies: [
      { content: 'Once upon a time there was a mod', finishReason: 'length' },
      { content: 'Once upon a time there was a model that ', finishReason: 'length' },
      { content: 'came to its end.' },
    ],
  })
  expect(request.unlike).toBeUndefined()
  expect(kindsOf(request)).toEqual(['continued', 'continued'])
  expect(request.reply?.told.parts).toEqual([
    { type: 'text', text: 'Once upon a time there was a model that came to its end.' },
  ])
})

test('tools and a schema: both passes are played', async () => {
  const { request } = await recorded({
    toolcalls: '{}',
    body: { response_format: { type: 'json_object' } },
    replies: [{ content: 'It holds a port.' }, { content: '{"port":1}' }],
  })
  expect(request.unlike).toBeUndefined()
  expect(kindsOf(request)).toEqual(['schema-pass'])
  expect(request.reply?.told.parts).toEqual([{ type: 'text', text: '{"port":1}' }])
})

test('a request that was let alone is let alone', async () => {
  const { request } = await recorded({
    toolcalls: '{ lane: checked }',
    headers: { 'x-llmr-guard': 'off' },
    body: {},
    replies: [tagged('read_file', { limit: 0 })],
  })
  expect(request.unlike).toBeUndefined()
  expect(kindsOf(request)).toEqual(['calls-read', 'wrong', 'call-left-wrong'])
})
