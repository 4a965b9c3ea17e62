import { expect } from 'vitest'

import { at, listAt, numberAt, objectAt, parseForeignJson, textAt } from '../../src/core/foreign-json.ts'

/** What a client makes of a stream of OpenAI's chunks. */
export interface ReadChat {
  readonly text: string
  readonly thought: string
  readonly calls: readonly { readonly id: string; readonly name: string; arguments: string }[]
  readonly finishReason: string | undefined
  readonly usage: unknown
  readonly error: unknown
  readonly isWhole: boolean
}

/**
 * Reads a stream as strictly as the strictest client: one id throughout, one choice in each chunk but the one with the
 * usage, calls numbered in the order they begin and named once, one reason to finish with nothing said behind it, and
 * nothing at all behind `[DONE]` or an error.
 */
export function readChatStream(stream: string): ReadChat {
  let text = ''
  let thought = ''
  const calls: { id: string; name: string; arguments: string }[] = []
  let id: string | undefined
  let finishReason: string | undefined
  let usage: unknown
  let error: unknown
  let isWhole = false
  for (const data of dataIn(stream)) {
    expect({ error, isWhole }, `nothing may follow the end: ${data}`).toEqual({ error: undefined, isWhole: false })
    if (data === '[DONE]') {
      isWhole = true
      continue
    }
    const json = parseForeignJson(data)
    error = objectAt(json, 'error')
    if (error !== undefined) continue
    expect(textAt(json, 'object')).toBe('chat.completion.chunk')
    id ??= textAt(json, 'id')
    expect(textAt(json, 'id')).toBe(id)
    const [choice, ...more] = listAt(json, 'choices')
    expect(more).toEqual([])
    if (choice === undefined) {
      usage = objectAt(json, 'usage') ?? expect.unreachable('a chunk without a choice that has no usage either')
      continue
    }
    const delta = at(choice, 'delta')
    const said = textAt(delta, 'content') ?? ''
    const thinks = textAt(delta, 'reasoning_content') ?? ''
    const called = listAt(delta, 'tool_calls')
    if (finishReason !== undefined) expect({ said, thinks, called }).toEqual({ said: '', thinks: '', called: [] })
    text += said
    thought += thinks
    for (const call of called) addCall(calls, call)
    finishReason ??= textAt(choice, 'finish_reason')
  }
  if (isWhole) expect(finishReason, 'a whole stream has a reason to end').toBeDefined()
  return { text, thought, calls, finishReason, usage, error, isWhole }
}

function dataIn(stream: string): string[] {
  return stream
    .split('\n\n')
    .filter((event) => event !== '' && !event.startsWith(':'))
    .map((event) => /^data: (.*)$/.exec(event)?.[1] ?? expect.unreachable(`no data: ${event}`))
}

function addCall(calls: { id: string; name: string; arguments: string }[], delta: unknown): void {
  const index = numberAt(delta, 'index') ?? expect.unreachable('a call without an index')
  const args = textAt(delta, 'function', 'arguments') ?? ''
  const call = calls[index]
  if (call !== undefined) {
    expect(textAt(delta, 'function', 'name'), 'a name is said once').toBeUndefined()
    call.arguments += args
    return
  }
  expect(index).toBe(calls.length)
  const [id, name] = [textAt(delta, 'id'), textAt(delta, 'function', 'name')]
  if (!id || !name) expect.unreachable('a call begins without an id or a name')
  calls.push({ id, name, arguments: args })
}
