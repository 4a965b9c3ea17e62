import { expect } from 'vitest'

import { at, flagAt, listAt, numberAt, objectAt, parseForeignJson, textAt } from '../../src/core/foreign-json.ts'

/** What a client makes of a stream of Ollama's lines. */
export interface ReadReply {
  readonly text: string
  readonly thinking: string
  readonly calls: readonly { readonly name: string; readonly arguments: unknown }[]
  readonly doneReason: string | undefined
  readonly promptTokens: number | undefined
  readonly completionTokens: number | undefined
  readonly error: string | undefined
  /** Lines that said nothing. */
  readonly emptyLines: number
  readonly isWhole: boolean
}

const durations = ['total_duration', 'load_duration', 'prompt_eval_duration', 'eval_duration']

/**
 * Reads lines as strictly as the strictest client: whole JSON on each, one model's and with a time; calls together in one
 * line with nothing but the last behind it, their arguments objects; one last line with whole nanoseconds, and nothing after it or an error.
 */
export function readReplyLines(stream: string): ReadReply {
  expect(stream === '' || stream.endsWith('\n')).toBe(true)
  let text = ''
  let thinking = ''
  let calls: ReadReply['calls'] = []
  let last: unknown
  let error: string | undefined
  let emptyLines = 0
  for (const line of stream.split('\n').slice(0, -1)) {
    const json = parseForeignJson(line)
    expect(objectAt(json), line).toBeDefined()
    expect({ last, error }, `nothing may follow the end: ${line}`).toEqual({ last: undefined, error: undefined })
    error = textAt(json, 'error')
    if (error !== undefined) continue
    expect(textAt(json, 'model')).toBeDefined()
    expect(textAt(json, 'created_at')).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z$/)
    const message = at(json, 'message')
    const said = textAt(message, 'content') ?? textAt(json, 'response') ?? expect.unreachable(line)
    const thought = textAt(message, 'thinking') ?? textAt(json, 'thinking') ?? ''
    const called = listAt(message, 'tool_calls')
    const isDone = flagAt(json, 'done') === true
    if (!isDone) expect(calls, 'only the last line may follow calls').toEqual([])
    if (said + thought === '' && called.length === 0 && !isDone) emptyLines++
    text += said
    thinking += thought
    if (called.length > 0) calls = called.map(readCall)
    if (isDone) last = json
  }
  if (last !== undefined) {
    for (const field of durations) expect(numberAt(last, field)).toSatisfy(Number.isInteger)
    for (const field of durations) expect(numberAt(last, field)).toBeGreaterThan(0)
  }
  return {
    text,
    thinking,
    calls,
    doneReason: textAt(last, 'done_reason'),
    promptTokens: numberAt(last, 'prompt_eval_count'),
    completionTokens: numberAt(last, 'eval_count'),
    error,
    emptyLines,
    isWhole: last !== undefined,
  }
}

function readCall(call: unknown, index: number): ReadReply['calls'][number] {
  expect(numberAt(call, 'function', 'index')).toBe(index)
  const args = objectAt(call, 'function', 'arguments')
  expect(args, 'arguments are an object').toBeDefined()
  return { name: textAt(call, 'function', 'name') ?? '', arguments: args }
}
