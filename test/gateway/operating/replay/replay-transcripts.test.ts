import { expect, test } from 'vitest'

import { parseConfig } from '../../../../src/config/parse-config.ts'
import { formatDifference, replayDifferences } from '../../../../src/gateway/operating/replay/format-replay.ts'
import { replayTranscripts } from '../../../../src/gateway/operating/replay/replay-transcripts.ts'
import { requestLines } from '../../../../src/gateway/operating/replay/request-lines.ts'
import { readTranscripts } from '../../../../src/dialects/transcript/read-transcripts.ts'

const read = (path: string, id: string) => ({
  role: 'assistant',
  content: null,
  tool_calls: [{ id, type: 'function', function: { name: 'read', arguments: JSON.stringify({ path }) } }],
})
const found = (id: string) => ({ role: 'tool', tool_call_id: id, content: 'line 1\nline 2' })
const tools = [{ type: 'function', function: { name: 'read', parameters: {} } }]
const loop = ['1', '2', '3'].flatMap((id) => [read('a', id), found(id)])
const messages = [{ role: 'user', content: 'Read.' }, ...loop]

function replay(yaml: string, body: object = { model: 'small', tools, messages }) {
  const { config } = parseConfig({ text: yaml, file: 'llmr.yaml', backendKinds: [], env: {} })
  const transcripts = readTranscripts(JSON.stringify(body), 'run')
  const [replayed] = replayTranscripts(transcripts, { toolcalls: config.toolcalls })
  if (replayed === undefined) throw new Error('nothing was replayed')
  return replayed
}

test('a request for a title is told apart, and its history is repaired but not guarded', () => {
  const request = { messages: [messages[0], read('b', '0'), ...messages], tools }
  const body = (task?: string) => ({
    requests: [{ url: '/v1/chat/completions', body: request, headers: { 'x-llmr-task': task } }],
  })
  const title = replay('', body('title_generation')).requests[0]
  expect(title?.classification).toMatchObject({ kind: 'background', backgroundTask: 'title_generation' })
  expect(title?.interventions.map(({ kind }) => kind)).toEqual(['history-repaired'])
  expect(replay('', body()).requests[0]?.interventions.map(({ kind }) => kind)).toContain('nudge')
})

test('where tools are told in plain text, that is what would be sent', () => {
  const { requests } = replay('toolcalls: { models: { small: { lane: injected } } }')
  const [first] = requests
  expect(first?.lane).toBe('injected')
  expect(first?.sent.tools).toEqual([])
  expect(first && requestLines(first.sent).join('\n')).toContain('<tools>')
})

test('a request that nothing is done about is sent as it came', () => {
  const [first] = replay('').requests
  expect(first?.sent).toBe(first?.came)
})

test('two configurations differ where they send something else, and the difference is shown line by line', () => {
  const now = replay('')
  const differences = replayDifferences(now, replay('toolcalls: { guard: off }'))
  expect(differences.map(({ request }) => request)).toEqual([4])
  expect(differences.map(formatDifference).join('\n')).toBe(
    [
      'run, request 4',
      '  now   nudge, lane native',
      '  then  –, lane native',
      '  …',
      '    [tool] line 1',
      '    line 2',
      '  -',
      '  - [This is result 3 of the same call to read. Another will give the same: do something else, or answer.]',
    ].join('\n'),
  )
  expect(replayDifferences(now, replay(''))).toEqual([])
})
