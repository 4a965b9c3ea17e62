import { expect } from 'vitest'

import { at, listAt, numberAt, parseForeignJson, textAt } from '../../../src/core/foreign-json.ts'
import { readMessageStream } from '../../support/read-message-stream.ts'
import { type Heard, type PairClient, toolParameters, type Turn } from './question.ts'

export const anthropicMessages: PairClient = {
  name: "Anthropic's messages",
  path: '/v1/messages',
  streamType: 'text/event-stream',
  lacks: {},

  write: ({ system, turns, toolNames, effort, schema, maxTokens = 4096, stop }, isStream) => ({
    model: 'simulated',
    system,
    messages: turns.map(writeTurn),
    tools: toolNames?.map((name) => ({ name, input_schema: toolParameters })),
    thinking: effort && { type: 'adaptive' },
    output_config: { effort, format: schema && { type: 'json_schema', schema } },
    max_tokens: maxTokens,
    stop_sequences: stop && [stop],
    stream: isStream,
  }),

  readWhole(json) {
    const blocks = listAt(json, 'content')
    const joined = (type: string, field: string) =>
      blocks.map((block) => (textAt(block, 'type') === type ? textAt(block, field) : '')).join('')
    const calls = blocks.filter((block) => textAt(block, 'type') === 'tool_use')
    return {
      text: joined('text', 'text'),
      thought: joined('thinking', 'thinking'),
      calls: calls.map((block) => ({ name: textAt(block, 'name') ?? '', args: at(block, 'input') })),
      ending: endingOf(textAt(json, 'stop_reason')),
      usage: usageOf(at(json, 'usage')),
    }
  },

  readStream(stream) {
    const { start, blocks, stopReason, usage, error, isWhole } = readMessageStream(stream)
    const joined = (wanted: string) => blocks.map(({ type, text }) => (type === wanted ? text : '')).join('')
    const calls = blocks.filter(({ type }) => type === 'tool_use')
    return {
      text: joined('text'),
      thought: joined('thinking'),
      calls: calls.map(({ name = '', text }) => ({ name, args: parseForeignJson(text) })),
      ending: isWhole ? endingOf(stopReason) : undefined,
      ...(error !== undefined && { error: textAt(error, 'error', 'message') }),
      ...(isWhole && { usage: usageOf({ ...Object(at(start, 'usage')), ...Object(usage) }) }),
    }
  },

  readError(json) {
    expect(textAt(json, 'type')).toBe('error')
    expect(textAt(json, 'error', 'type')).toBe('api_error')
    return textAt(json, 'error', 'message') ?? expect.unreachable('an error without a message')
  },
}

function writeTurn(turn: Turn): object {
  switch (turn.by) {
    case 'user': {
      const [, media_type, data] = /^data:(.*);base64,(.*)$/.exec(turn.imageUrl ?? '') ?? []
      const image = { type: 'image', source: { type: 'base64', media_type, data } }
      return { role: 'user', content: [{ type: 'text', text: turn.text }, ...(data === undefined ? [] : [image])] }
    }
    case 'model': {
      const { thought, text, calls = [] } = turn
      const content = [
        ...(thought === undefined ? [] : [{ type: 'thinking', thinking: thought, signature: 'its-maker-knows' }]),
        ...(text === undefined ? [] : [{ type: 'text', text }]),
        ...calls.map(({ id, name, args }) => ({ type: 'tool_use', id, name, input: args })),
      ]
      return { role: 'assistant', content }
    }
    case 'tool':
      return { role: 'user', content: [{ type: 'tool_result', tool_use_id: turn.id, content: turn.text }] }
  }
}

const endings: Readonly<Record<string, Heard['ending']>> = {
  end_turn: 'stop',
  stop_sequence: 'stop',
  max_tokens: 'length',
  tool_use: 'calls',
}

function endingOf(reason = ''): Heard['ending'] {
  return endings[reason] ?? expect.unreachable(`an unknown reason to end: ${reason}`)
}

/** What came from the engine's cache is counted apart here. */
function usageOf(usage: unknown): Heard['usage'] {
  return {
    prompt: (numberAt(usage, 'input_tokens') ?? 0) + (numberAt(usage, 'cache_read_input_tokens') ?? 0),
    completion: numberAt(usage, 'output_tokens') ?? 0,
  }
}
