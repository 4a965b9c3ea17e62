import { expect } from 'vitest'

import { textAt } from '../../../src/core/foreign-json.ts'
import { readReplyLines } from '../../support/read-reply-lines.ts'
import { type Heard, type PairClient, type Question, toolParameters, type Turn } from './question.ts'

export const ollamaChat: PairClient = {
  name: "Ollama's chat",
  path: '/api/chat',
  lacks: {},
  write: (question, isStream) => ({
    ...commonFields(question, isStream),
    messages: [
      ...(question.system === undefined ? [] : [{ role: 'system', content: question.system }]),
      ...question.turns.map(writeTurn),
    ],
    tools: question.toolNames?.map((name) => ({ type: 'function', function: { name, parameters: toolParameters } })),
  }),
  ...reading(),
}

export const ollamaGenerate: PairClient = {
  name: "Ollama's generate",
  path: '/api/generate',
  lacks: {
    tools: 'has none',
    'parallel tools': 'has no tools',
    'thoughts of earlier turns': 'is one turn',
  },
  write: (question, isStream) => {
    const [turn] = question.turns
    if (turn?.by !== 'user') expect.unreachable('a prompt is what a user says')
    return {
      ...commonFields(question, isStream),
      system: question.system,
      prompt: turn.text,
      images: turn.imageUrl === undefined ? undefined : [base64Of(turn.imageUrl)],
    }
  },
  ...reading(),
}

function reading(): Pick<PairClient, 'streamType' | 'readWhole' | 'readStream' | 'readError'> {
  return {
    streamType: 'application/x-ndjson',
    // A reply that is whole is the last line, with everything in it.
    readWhole: (json) => readLines(`${JSON.stringify(json)}\n`),
    readStream: readLines,
    readError: (json) => textAt(json, 'error') ?? expect.unreachable('an error is a text here'),
  }
}

function commonFields({ effort, schema, maxTokens, stop }: Question, isStream: boolean): object {
  return {
    model: 'simulated',
    think: effort,
    format: schema,
    options: { num_predict: maxTokens, stop: stop && [stop] },
    stream: isStream,
  }
}

function writeTurn(turn: Turn): object {
  switch (turn.by) {
    case 'user': {
      const images = turn.imageUrl === undefined ? undefined : [base64Of(turn.imageUrl)]
      return { role: 'user', content: turn.text, images }
    }
    case 'model': {
      const calls = turn.calls?.map(({ name, args }) => ({ function: { name, arguments: args } }))
      return { role: 'assistant', content: turn.text ?? '', thinking: turn.thought, tool_calls: calls }
    }
    case 'tool':
      return { role: 'tool', tool_name: turn.name, content: turn.text }
  }
}

function base64Of(url: string): string {
  return url.slice(url.indexOf(',') + 1)
}

function readLines(lines: string): Heard {
  const { text, thinking, calls, doneReason, promptTokens, completionTokens, error, isWhole } = readReplyLines(lines)
  const end = calls.length > 0 && doneReason === 'stop' ? 'calls' : doneReason
  return {
    text,
    thought: thinking,
    calls: calls.map((call) => ({ name: call.name, args: call.arguments })),
    ending: isWhole ? endingOf(end) : undefined,
    ...(error !== undefined && { error }),
    ...(isWhole && { usage: { prompt: promptTokens ?? 0, completion: completionTokens ?? 0 } }),
  }
}

const endings: Readonly<Record<string, Heard['ending']>> = { stop: 'stop', length: 'length', calls: 'calls' }

function endingOf(reason = ''): Heard['ending'] {
  return endings[reason] ?? expect.unreachable(`an unknown reason to end: ${reason}`)
}
