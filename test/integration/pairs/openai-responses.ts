import { expect } from 'vitest'

import { at, listAt, numberAt, parseForeignJson, textAt } from '../../../src/core/foreign-json.ts'
import { readResponseStream } from '../../support/read-response-stream.ts'
import { type Heard, type PairClient, toolParameters, type Turn } from './question.ts'

export const openaiResponses: PairClient = {
  name: "OpenAI's responses",
  path: '/v1/responses',
  streamType: 'text/event-stream',
  lacks: { 'stop sequence': 'has no such field' },

  write: ({ system, turns, toolNames, effort, schema, maxTokens }, isStream) => ({
    model: 'simulated',
    instructions: system,
    input: turns.flatMap(writeTurn),
    tools: toolNames?.map((name) => ({ type: 'function', name, strict: false, parameters: toolParameters })),
    reasoning: effort && { effort, summary: 'auto' },
    text: schema && { format: { type: 'json_schema', name: 'reply', schema } },
    max_output_tokens: maxTokens,
    store: false,
    stream: isStream,
  }),

  readWhole: readResponse,

  readStream(stream) {
    const { response, ending, items, error } = readResponseStream(stream)
    const heard = readResponse(response)
    if (ending !== 'failed') return heard
    return { ...readItems(items), ending: undefined, error: textAt(error, 'message') }
  },

  readError(json) {
    expect(textAt(json, 'error', 'code')).toBeTruthy()
    return textAt(json, 'error', 'message') ?? expect.unreachable('an error without a message')
  },
}

function writeTurn(turn: Turn): object[] {
  switch (turn.by) {
    case 'user': {
      const text = { type: 'input_text', text: turn.text }
      const image = { type: 'input_image', image_url: turn.imageUrl }
      return [{ role: 'user', content: turn.imageUrl === undefined ? [text] : [text, image] }]
    }
    case 'model': {
      const { thought, text, calls = [] } = turn
      const summary = [{ type: 'summary_text', text: thought }]
      return [
        ...(thought === undefined ? [] : [{ type: 'reasoning', id: 'rs_1', summary }]),
        ...(text === undefined ? [] : [{ role: 'assistant', content: [{ type: 'output_text', text }] }]),
        ...calls.map(({ id, name, args }) => {
          return { type: 'function_call', call_id: id, name, arguments: JSON.stringify(args) }
        }),
      ]
    }
    case 'tool':
      return [{ type: 'function_call_output', call_id: turn.id, output: turn.text }]
  }
}

function readResponse(response: unknown): Heard {
  const said = readItems(listAt(response, 'output'))
  const usage = {
    prompt: numberAt(response, 'usage', 'input_tokens') ?? 0,
    completion: numberAt(response, 'usage', 'output_tokens') ?? 0,
  }
  if (textAt(response, 'status') !== 'incomplete') {
    return { ...said, ending: said.calls.length > 0 ? 'calls' : 'stop', usage }
  }
  expect(at(response, 'incomplete_details', 'reason')).toBe('max_output_tokens')
  return { ...said, ending: 'length', usage }
}

function readItems(items: readonly unknown[]): Pick<Heard, 'text' | 'thought' | 'calls'> {
  const ofType = (type: string) => items.filter((item) => textAt(item, 'type') === type)
  const joined = (type: string, field: string) =>
    ofType(type)
      .flatMap((item) => listAt(item, field))
      .map((part) => textAt(part, 'text'))
      .join('')
  return {
    text: joined('message', 'content'),
    thought: joined('reasoning', 'summary'),
    calls: ofType('function_call').map((item) => ({
      name: textAt(item, 'name') ?? '',
      args: parseForeignJson(textAt(item, 'arguments') ?? ''),
    })),
  }
}
