import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { at, listAt } from '../../../src/core/foreign-json.ts'
import type { Script } from '../../../src/sim/engine-options.ts'
import { startSimulatedEngine } from '../../../src/sim/simulated-engine.ts'
import { interventionKinds } from '../../../src/toolcalls/prepare/intervention.ts'
import { replyInterventionKinds } from '../../../src/toolcalls/reply/reply-intervention.ts'
import { closeAfterEach } from '../../support/resources.ts'
import { startScriptedChat } from '../../support/toolcalls/scripted-chat.ts'

const keep = closeAfterEach()

const parameters = { type: 'object', properties: { path: { type: 'string' } }, required: ['path'] }
const tools = ['read_file', 'glob'].map((name) => ({ type: 'function', function: { name, parameters } }))
const user = { role: 'user', content: 'Implement pagination in src/server.ts, with tests, and refactor the handler.' }
const call = (id: string, name: string, args: object) => ({
  role: 'assistant',
  content: null,
  tool_calls: [{ id, type: 'function', function: { name, arguments: JSON.stringify(args) } }],
})
const result = (id: string, content: string) => ({ role: 'tool', tool_call_id: id, content })
const loop = (count: number) =>
  Array.from({ length: count }, (_, id) => [call(`${id}`, 'read_file', { path: 'a' }), result(`${id}`, 'text')]).flat()
const wrong: Script = { toolCalls: [{ name: 'read_file', arguments: {} }] }
const right: Script = { toolCalls: [{ name: 'read_file', arguments: { path: 'a' } }] }
const answer: Script = { content: 'Done.' }

interface Part {
  readonly kind: string
  /** As docs/agents.md says. */
  readonly off: string
  /** Without which it would not be done anyway. */
  readonly on?: string
  readonly body: object
  readonly replies?: readonly Script[]
}

const replayed = { messages: [user, ...Array.from({ length: 3 }, () => loop(1)).flat()], tools }
const parts: readonly Part[] = [
  { kind: 'replays-collapsed', off: 'repair: false', body: replayed },
  {
    kind: 'history-repaired',
    off: 'repair: false',
    body: { messages: [user, call('1', 'read_file', {}), user], tools },
  },
  { kind: 'nudge', off: 'guard: off', body: { messages: [user, ...loop(3)], tools } },
  { kind: 'remove-tool', off: 'guard: off', body: { messages: [user, ...loop(4)], tools } },
  { kind: 'final-answer', off: 'guard: off', body: { messages: [user, ...loop(5)], tools } },
  {
    kind: 'next-file-hint',
    off: 'hint: false',
    body: { messages: [user, call('1', 'glob', { path: '*' }), result('1', 'src/a.ts\nsrc/b.ts')], tools },
  },
  ...['call-asked-again', 'call-put-right'].map((kind) => ({
    kind,
    off: 'repair_calls: 0',
    on: 'lane: checked',
    body: { messages: [user], tools },
    replies: [wrong, right],
  })),
  { kind: 'content-loop', off: 'cut_chants: false', body: { messages: [user], stream: true }, replies: [chant()] },
  {
    kind: 'schema-pass',
    off: 'split_schemas: false',
    body: { messages: [user], tools, response_format: { type: 'json_object' } },
  },
  {
    kind: 'continued',
    off: 'continue_rounds: 0',
    on: 'continue_tokens: 100, models: { m: { continue_rounds: 1 } }',
    body: { messages: [user] },
    replies: [{ content: 'Do', finishReason: 'length' }, { content: 'ne.' }],
  },
  {
    kind: 'planned',
    off: 'models: { m: { plan: false } }',
    on: 'planner: { model: small, timeout: 2s }',
    body: { messages: [user] },
  },
]

function chant(): Script {
  return { content: Array.from({ length: 60 }, () => 'I will now read the file again. ') }
}

async function ask({ body, replies = [answer] }: Part, settings: string, headers: Record<string, string> = {}) {
  const small = keep(
    await startSimulatedEngine({ model: 'small', script: () => ({ content: '1. Read it.\n2. Do it.' }) }),
  )
  const chat = await startScriptedChat(keep, replies, {
    toolcalls: `{ probe: false, ${settings} }`,
    backends: `small: { url: "${small.url}", kind: llama.cpp }`,
  })
  const response = await chat.post(body, { headers })
  await response.text()
  const known: unknown = await (
    await fetch(`${chat.gateway.url}/llmr/v1/requests?id=${response.headers.get('x-request-id') ?? ''}`)
  ).json()
  return { done: JSON.stringify(known), received: chat.received() }
}

/** What an engine must be told as the client said it. */
function told(body: unknown): unknown[] {
  return [listAt(body, 'messages'), listAt(body, 'tools'), at(body, 'response_format')]
}

test.each(parts)('$kind is done, and not where it is turned off: $off', async (part) => {
  const on = await ask(part, part.on ?? '')
  expect(on.done).toContain(`"event":"${part.kind}"`)
  // One key has one value.
  const rest = part.on?.replace(/, models: .*/, '')
  const off = await ask(part, rest === undefined ? part.off : `${rest}, ${part.off}`)
  expect(off.done).not.toContain(`"event":"${part.kind}"`)
  expect(off.received).toHaveLength(1)
  expect(told(off.received[0])).toEqual(told(part.body))
})

test.each(parts)('$kind is not done to a request that wants nothing changed', async (part) => {
  const off = await ask(part, part.on ?? '', { 'x-llmr-guard': 'off' })
  expect(off.done).not.toContain(`"event":"${part.kind}"`)
  expect(off.received).toHaveLength(1)
  expect(told(off.received[0])).toEqual(told(part.body))
})

test('docs/agents.md names each of them, with the switch that was tried', () => {
  const docs = readFileSync(join(import.meta.dirname, '../../../docs/agents.md'), 'utf8')
  const rows = docs.split('\n').filter((line) => line.startsWith('| `'))
  for (const kind of [...interventionKinds, ...replyInterventionKinds]) {
    expect(
      rows.some((row) => row.includes(`\`${kind}\``)),
      kind,
    ).toBe(true)
  }
  for (const { kind, off } of parts) {
    const row = rows.find((line) => line.includes(`\`${kind}\``)) ?? ''
    expect(row).toContain(off.startsWith('models') ? 'toolcalls.planner' : `toolcalls.${off.split(':')[0]}`)
  }
})
