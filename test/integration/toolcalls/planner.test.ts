import { expect, test } from 'vitest'

import { at, textAt } from '../../../src/core/foreign-json.ts'
import type { Script } from '../../../src/sim/engine-options.ts'
import { startSimulatedEngine } from '../../../src/sim/simulated-engine.ts'
import { eventsOf } from '../../support/chat.ts'
import { closeAfterEach } from '../../support/resources.ts'
import { startScriptedChat } from '../../support/toolcalls/scripted-chat.ts'

const keep = closeAfterEach()
const plan = '1. Read src/server.ts and find the handler.\n2. Add the route for it.'
const task = 'Implement pagination for the list endpoint in src/server.ts, with tests, and refactor the handler.'
const messages = [{ role: 'user', content: task }]

/** A model that works, and beside it a small one that plans. */
async function start(replies: readonly Script[], planning: Script = { content: `Here you are:\n${plan}` }, more = '') {
  const small = keep(await startSimulatedEngine({ model: 'small', script: () => planning }))
  const chat = await startScriptedChat(keep, replies, {
    backends: `small: { url: "${small.url}", kind: llama.cpp }`,
    toolcalls: `{ planner: { model: small, timeout: 2s } ${more} }`,
  })
  const asked = () => small.requests.filter(({ path }) => path === '/v1/chat/completions')
  return { ...chat, small, asked }
}

test('a task of several steps goes to its model with a plan that a small one drafted', async () => {
  const { post, received, asked } = await start([{ content: 'Done.' }])
  const response = await post({ messages })
  expect(response.headers.get('x-llmr-guard')).toBe('planned')
  expect(await response.json()).toMatchObject({ choices: [{ message: { content: 'Done.' } }] })
  const [system, user] = [0, 1].map((index) => at(received()[0], 'messages', index))
  expect(textAt(system, 'content')).toContain(`<llmr-draft-plan>\n${plan}\n</llmr-draft-plan>`)
  expect(user).toEqual(messages[0])
  expect(asked()).toHaveLength(1)
})

test('what the model repeats of it does not leak into a stream, in whatever pieces it comes (N1.4)', async () => {
  const said = `Sure.\n<llmr-draft-plan>\n${plan}\n</llmr-draft-plan>\n${plan}\nDone.`
  const { post, gateway } = await start([{ content: said.match(/[\s\S]{1,7}/g) ?? [] }])
  const events = await eventsOf(await post({ messages, stream: true }))
  const text = events.map((event) => textAt(event, 'choices', 0, 'delta', 'content') ?? '').join('')
  expect(text.split(/\n+/)).toEqual(['Sure.', 'Done.'])
  await gateway.logged(({ intervention }) => intervention === 'plan-kept-back')
})

test('the rounds of a task keep its plan, and none is drafted in the middle', async () => {
  const { post, received, asked } = await start([{ content: 'one' }, { content: 'two' }])
  await (await post({ messages })).text()
  const call = { id: 'c', type: 'function', function: { name: 'read', arguments: '{}' } }
  const run = [
    ...messages,
    { role: 'assistant', content: null, tool_calls: [call] },
    { role: 'tool', tool_call_id: 'c', content: 'text' },
  ]
  await (await post({ messages: run })).text()
  expect(asked()).toHaveLength(1)
  expect(at(received()[1], 'messages', 0)).toEqual(at(received()[0], 'messages', 0))
})

test.each<[string, Script]>([
  ['takes too long', { content: plan, beforePiece: () => new Promise<void>(() => undefined) }],
  ['writes none', { content: 'I cannot help with that.' }],
])('a planner that %s costs the request nothing but its time', async (_, planning) => {
  const { post, received } = await start([{ content: 'Done.' }], planning)
  const response = await post({ messages })
  expect(response.headers.get('x-llmr-guard')).toBeNull()
  expect(await response.json()).toMatchObject({ choices: [{ message: { content: 'Done.' } }] })
  expect(JSON.stringify(received()[0])).not.toContain('llmr-draft-plan')
})

test.each<[string, string, object, Readonly<Record<string, string>>]>([
  ['the question is short', '', { messages: [{ role: 'user', content: 'What is a route?' }] }, {}],
  ['the model is to have none', ', models: { m: { plan: false } }', {}, {}],
  ['the request wants none', '', {}, { 'x-llmr-plan': 'off' }],
  ['the client asks on its own account', '', {}, { 'x-llmr-task': 'title_generation' }],
  ['another gateway has planned', '', {}, { 'x-llmr-hop': 'front' }],
])('bytes pass as they came where %s', async (_, more, body, headers) => {
  const { post, engine, asked } = await start([{ content: 'Done.' }], undefined, more)
  const sent = { messages, ...body }
  await (await post(sent, { headers })).text()
  expect(asked()).toHaveLength(0)
  expect(engine.requests.at(-1)?.text).toBe(JSON.stringify({ model: 'm', ...sent }))
})
