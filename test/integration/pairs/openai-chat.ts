import { expect } from 'vitest'

import { at, listAt, numberAt, parseForeignJson, textAt } from '../../../src/core/foreign-json.ts'
import { readChatStream } from '../../support/read-chat-stream.ts'
import { type Heard, type PairClient, toolParameters, type Turn } from './question.ts'

export const openaiChat: PairClient = {
  name: 'OpenAI chat',
  path: '/v1/chat/completions',
  streamType: 'text/event-stream',
  lacks: {},

  write: ({ system, turns, toolNames, effort, schema, maxTokens, stop }, isStream) => ({
    model: 'simulated',
    messages: [...(system === undefined ? [] : [{ role: 'system', content: system }]), ...turns.map(writeTurn)],
    tools: toolNames?.map((name) => ({ type: 'function', function: { name, parameters: toolParameters } })),
    reasoning_effort: effort,
    response_format: schema && { type: 'json_schema', json_schema: { name: 'reply', schema } },
    max_tokens: maxTokens,
    stop,
    stream: isStream,
    stream_options: isStream ? { include_usage: true } : undefined,
  }),

  readWhole(json) {
    const message = at(json, 'choices', 0, 'message')
    return {
      text: textAt(message, 'content') ?? '',
      thought: textAt(message, 'reasoning_content') ?? '',
      calls: listAt(message, 'tool_calls').map((call) => ({
        name: textAt(call, 'function', 'name') ?? '',
        args: parseForeignJson(textAt(call, 'function', 'arguments') ?? ''),
      })),
      ending: endingOf(textAt(json, 'choices', 0, 'finish_reason')),
      usage: usageOf(at(json, 'usage')),
    }
  },

  readStream(text) {
    const { calls, finishReason, usage, error, isWhole, ...said } = readChatStream(text)
    return {
      ...said,
      calls: calls.map((call) => ({ name: call.name, args: parseForeignJson(call.arguments) })),
      ending: isWhole ? endingOf(finishReason) : undefined,
      ...(error !== undefined && { error: textAt(error, 'message') }),
      ...(usage !== undefined && { usage: usageOf(usage) }),
    }
  },

  readError(json) {
    expect(textAt(json, 'error', 'code')).toBeTruthy()
    return textAt(json, 'error', 'message') ?? expect.unreachable('an error without a message')
  },
}

function writeTurn(turn: Turn): object {
  if (turn.by === 'tool') return { role: 'tool', tool_call_id: turn.id, content: turn.text }
  if (turn.by === 'model') {
    const calls = turn.calls?.map(({ id, name, args }) => {
      return { id, type: 'function', function: { name, arguments: JSON.stringify(args) } }
    })
    return { role: 'assistant', content: turn.text ?? null, reasoning_content: turn.thought, tool_calls: calls }
  }
  if (turn.imageUrl === undefined) return { role: 'user', content: turn.text }
  const image = { type: 'image_url', image_url: { url: turn.imageUrl } }
  return { role: 'user', content: [{ type: 'text', text: turn.text }, image] }
}

const endings: Readonly<Record<string, Heard['ending']>> = { stop: 'stop', length: 'length', tool_calls: 'calls' }

function endingOf(reason = ''): Heard['ending'] {
  return endings[reason] ?? expect.unreachable(`an unknown reason to end: ${reason}`)
}

function usageOf(usage: unknown): Heard['usage'] {
  const [prompt = 0, completion = 0] = ['prompt_tokens', 'completion_tokens'].map((field) => numberAt(usage, field))
  expect(numberAt(usage, 'total_tokens')).toBe(prompt + completion)
  return { prompt, completion }
}
