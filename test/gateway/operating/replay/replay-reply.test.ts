import { assert, constantFrom, property } from 'fast-check'
import { expect, test } from 'vitest'

import { parseConfig } from '../../../../src/config/parse-config.ts'
import { readTranscripts } from '../../../../src/dialects/transcript/read-transcripts.ts'
import { replayTranscripts } from '../../../../src/gateway/operating/replay/replay-transcripts.ts'

const tools = [
  {
    type: 'function',
    function: { name: 'read', parameters: { type: 'object', properties: { path: { type: 'string' } } } },
  },
]
const request = { model: 'small', stream: true, tools, messages: [{ role: 'user', content: 'Read a.' }] }
const text = '<tool_call>{"name":"Read","arguments":{"path":"a"}}</tool_call>'

function replay(line: object, yaml = '') {
  const { config } = parseConfig({ text: yaml, file: 'llmr.yaml', backendKinds: [], env: {} })
  const header = { format: 'llmr-transcript', version: 1 }
  const transcripts = readTranscripts(
    [header, { request, ...line }].map((each) => JSON.stringify(each)).join('\n'),
    'run',
  )
  const step = replayTranscripts(transcripts, { toolcalls: config.toolcalls })[0]?.requests[0]
  if (step === undefined) throw new Error('nothing was replayed')
  return step
}

const chunk = (delta: object, finish?: string) => ({ choices: [{ index: 0, delta, finish_reason: finish ?? null }] })
const forms: readonly [string, unknown][] = [
  ['its plain text', text],
  ['a message', { message: { role: 'assistant', content: text }, finish_reason: 'stop' }],
  ['frames', [chunk({ content: text.slice(0, 9) }), chunk({ content: text.slice(9) }), chunk({}, 'stop')]],
  ['frames as they came', [`data: ${JSON.stringify(chunk({ content: text }, 'stop'))}\n\n`, 'data: [DONE]\n\n']],
]

test.each(forms)('a reply may be %s', (_, reply) => {
  const { reply: replayed } = replay({ reply, way: { lane: 'checked' } })
  expect(replayed?.told).toMatchObject({
    parts: [{ type: 'tool-call', name: 'read', argumentsText: '{"path":"a"}' }],
    finishReason: 'calls',
  })
  expect(replayed?.steps.map(({ kind }) => kind)).toEqual(['calls-read', 'put-right'])
})

test('the same recording gives the same answer to the letter', () => {
  assert(
    property(constantFrom(...forms), constantFrom('checked', 'injected', 'native', 'raw'), ([, reply], lane) => {
      expect(replay({ reply, way: { lane } })).toEqual(replay({ reply, way: { lane } }))
    }),
  )
})

test('a list of messages is answered by its own: what stands behind a request is its reply', () => {
  const { config } = parseConfig({ text: 'toolcalls: { lane: checked }', file: 'llmr.yaml', backendKinds: [], env: {} })
  const messages = [...request.messages, { role: 'assistant', content: text }]
  const [run] = replayTranscripts(readTranscripts(JSON.stringify({ tools, messages }), 'run'), {
    toolcalls: config.toolcalls,
  })
  expect(run?.requests[0]?.reply?.told.parts).toMatchObject([{ type: 'tool-call', name: 'read' }])
})

test('an engine that would be asked for more than it says leaves the client what there is', () => {
  const reply = '<tool_call>{"name":"nothing_like_it","arguments":{}}</tool_call>'
  const { reply: replayed } = replay({ reply, way: { lane: 'checked' } })
  expect(replayed?.isUnanswered).toBe(true)
  expect(replayed?.steps.map(({ kind }) => kind)).toEqual([
    'calls-read',
    'wrong',
    'call-asked-again',
    'call-left-wrong',
  ])
  expect(replayed?.told.parts).toMatchObject([{ type: 'tool-call', name: 'nothing_like_it' }])
})

test('a lane that is configured counts above one that was learnt, but not above one that was asked for', () => {
  const configured = 'toolcalls: { lane: injected }'
  expect(replay({ reply: text, way: { lane: 'checked' } }, configured).lane).toBe('injected')
  expect(replay({ reply: text, way: { lane: 'checked', above_config: true } }, configured).lane).toBe('checked')
  expect(replay({ reply: text, way: { lane: 'checked' } }).lane).toBe('checked')
})

test('a thought that the prompt began is a thought', () => {
  const format = { id: 'x', calls: [], reasoning: { open: ['<think>'], close: ['</think>'], start: 'text' } }
  const way = { lane: 'raw', format }
  const said = { message: { content: 'so</think>Done.' }, start: { state: 'text', prefix: '<think>' } }
  expect(replay({ reply: said, way }).reply?.told.parts).toEqual([
    { type: 'reasoning', text: 'so' },
    { type: 'text', text: 'Done.' },
  ])
})

test('what was done otherwise than the recording says is told', () => {
  const timeline = [
    [1, 'sent', 'gpu m'],
    [2, 'calls-read', '1, 1 of them put right'],
  ]
  expect(replay({ reply: text, way: { lane: 'checked' }, timeline }).unlike).toBeUndefined()
  expect(replay({ reply: text, way: { lane: 'native' }, timeline }).unlike).toEqual([
    'calls-read 1, 1 of them put right',
  ])
  // Of a backend that failed before.
  const failed = [[0, 'sent', 'other m'], [1, 'call-asked-again', '1 call, 1 wrong'], ...timeline]
  expect(replay({ reply: text, way: { lane: 'checked' }, timeline: failed }).unlike).toBeUndefined()
})
