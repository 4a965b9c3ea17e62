import { expect, test } from 'vitest'

import { parseForeignJson, textAt } from '../../../src/core/foreign-json.ts'
import { type EngineRequest, startFakeEngine } from '../../support/fake-engine.ts'
import { startTestGateway } from '../../support/start-gateway.ts'

const tools = [{ type: 'function', function: { name: 'read', parameters: { type: 'object' } } }]
const body = { model: 'fake', messages: [{ role: 'user', content: 'What is in a.ts?' }], tools }
const content = '<tool_call>{"name": "read", "arguments": {"path": "a.ts"}}</tool_call>'
const reply = {
  choices: [{ message: { role: 'assistant', content }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 9, completion_tokens: 9 },
}

/** A vLLM, some of which know no structural tags. */
function answer({ path, body: sent, response }: EngineRequest, knowsTags: boolean): void {
  response.setHeader('content-type', 'application/json')
  if (path !== '/v1/chat/completions') return void response.end('{}')
  const isTagged = textAt(parseForeignJson(sent.toString()), 'structured_outputs', 'structural_tag') !== undefined
  if (isTagged && !knowsTags) {
    response.statusCode = 400
    return void response.end('{"error":{"message":"Unsupported field: structured_outputs"}}')
  }
  response.end(JSON.stringify(reply))
}

test.each([
  ['holds calls to the tools there are', true, [true, true]],
  ['is left alone where it cannot', false, [true, false, false]],
])('a vLLM that is told of tools in plain text %s', async (_, knowsTags, tagged) => {
  await using engine = await startFakeEngine((request) => answer(request, knowsTags))
  await using gateway = await startTestGateway(`
    backends: { gpu: { url: "${engine.url}", kind: vllm } }
    toolcalls: { lane: injected }
  `)
  for (let count = 0; count < 2; count++) {
    const response = await fetch(`${gateway.url}/v1/chat/completions`, { method: 'POST', body: JSON.stringify(body) })
    expect(response.headers.get('x-llmr-lane')).toBe('injected')
    expect(await response.json()).toMatchObject({
      choices: [{ message: { tool_calls: [{ function: { name: 'read', arguments: '{"path": "a.ts"}' } }] } }],
    })
  }
  const sent = engine.requests.filter(({ path }) => path === '/v1/chat/completions')
  expect(sent.map(({ body: bytes }) => bytes.includes('structural_tag'))).toEqual(tagged)
})
