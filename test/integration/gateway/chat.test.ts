import { expect, test } from 'vitest'

import { startSimulatedEngine } from '../../../src/sim/simulated-engine.ts'
import { closeAfterEach } from '../../support/resources.ts'
import { startTestGateway } from '../../support/start-gateway.ts'

const keep = closeAfterEach()

test('a chat reaches the engine as the client wrote it, and the reply tells where it was made', async () => {
  await using gateway = await startTestGateway('')
  const response = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: 'POST',
    body: JSON.stringify({ model: 'simulated', messages: [{ role: 'user', content: 'hi' }] }),
  })
  expect(response.status).toBe(200)
  expect(Object.fromEntries(response.headers)).toMatchObject({
    'x-llmr-backend': 'simulated',
    'x-llmr-model': 'simulated',
    'x-llmr-route': 'named',
  })
  expect(await response.json()).toMatchObject({ object: 'chat.completion', model: 'simulated' })
})

test('only the model name differs when an alias was asked for', async () => {
  const engine = await startSimulatedEngine({ model: 'qwen3-8b' })
  await using gateway = await startTestGateway(`
    backends: { gpu: { url: "${engine.url}", kind: llama.cpp } }
    models: { qwen3-8b: { aliases: [gpt-4o] } }
  `)
  const body = '{ "messages": [ {"role":"user","content":"caf\\u00e9"} ],\n  "model": "gpt-4o" , "temperature":0.50}'
  const response = await fetch(`${gateway.url}/v1/chat/completions`, { method: 'POST', body })
  expect(response.status).toBe(200)
  await response.arrayBuffer()
  const received = engine.requests.find(({ path }) => path === '/v1/chat/completions')
  expect(received?.text).toBe(body.replace('gpt-4o', 'qwen3-8b'))
  await engine.close()
})

test('instructions that come late or in pieces reach a chat template in the order that it takes', async () => {
  const engine = keep(await startSimulatedEngine({ model: 'm' }))
  await using gateway = await startTestGateway(`backends: { gpu: { url: "${engine.url}", kind: llama.cpp } }`)
  const messages = [
    { role: 'developer', content: 'Be brief.' },
    { role: 'system', content: 'Use metres.' },
    { role: 'user', content: 'How high?' },
    { role: 'system', content: 'The user is in a hurry.' },
  ]
  const response = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: 'POST',
    body: JSON.stringify({ model: 'm', messages, logit_bias: { 1: 2 } }),
  })
  expect(response.status).toBe(200)
  const received = engine.requests.find(({ path }) => path === '/v1/chat/completions')
  expect(JSON.parse(received?.text ?? '')).toMatchObject({
    logit_bias: { 1: 2 },
    messages: [
      { role: 'system', content: 'Be brief.\n\nUse metres.' },
      { role: 'user', content: 'How high?\n\n<system>\nThe user is in a hurry.\n</system>' },
    ],
  })
})

test('ids of tool calls reach a model in the form that its family takes, whoever named them', async () => {
  const engine = keep(await startSimulatedEngine({ model: 'devstral-small' }))
  await using gateway = await startTestGateway(`backends: { gpu: { url: "${engine.url}", kind: llama.cpp } }`)
  const called = { id: 'call_0123456789', type: 'function', function: { name: 'read', arguments: '{}' } }
  const messages = [
    { role: 'user', content: 'Read it.' },
    { role: 'assistant', content: null, tool_calls: [called] },
    { role: 'tool', tool_call_id: called.id, content: 'ok' },
  ]
  const response = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: 'POST',
    body: JSON.stringify({ model: 'devstral-small', messages, logit_bias: { 1: 2 } }),
  })
  expect(response.status).toBe(200)
  const received = engine.requests.find(({ path }) => path === '/v1/chat/completions')
  expect(received?.text).not.toContain(called.id)
  const id: unknown = expect.stringMatching(/^[a-z0-9]{9}$/)
  expect(JSON.parse(received?.text ?? '')).toMatchObject({
    logit_bias: { 1: 2 },
    messages: [{ role: 'user' }, { tool_calls: [{ ...called, id }] }, { tool_call_id: id }],
  })
})
