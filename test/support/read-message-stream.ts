import { expect } from 'vitest'

import { at, numberAt, objectAt, parseForeignJson, textAt } from '../../src/core/foreign-json.ts'

export interface ReadBlock {
  readonly type: string
  /** Text, thought, or arguments as they came. */
  text: string
  readonly id?: string
  readonly name?: string
  signature?: string
}

/** What a client makes of a stream of Anthropic's events. */
export interface ReadMessage {
  readonly start: unknown
  readonly blocks: readonly ReadBlock[]
  readonly stopReason: string | undefined
  readonly stopSequence: string | undefined
  readonly usage: unknown
  readonly error: unknown
  readonly pings: number
  /** Deltas that said nothing. */
  readonly emptyDeltas: number
  readonly isWhole: boolean
}

const deltaFields: Readonly<Record<string, readonly [block: string, field: string]>> = {
  text_delta: ['text', 'text'],
  thinking_delta: ['thinking', 'thinking'],
  input_json_delta: ['tool_use', 'partial_json'],
  signature_delta: ['thinking', 'signature'],
}

/**
 * Reads a stream as strictly as the strictest client: names and types agree, the message starts before anything is said,
 * blocks are numbered without gaps and never overlap, deltas fit their block, a thought ends with one signature, nothing
 * follows the end or an error.
 */
export function readMessageStream(text: string): ReadMessage {
  const blocks: ReadBlock[] = []
  let open: ReadBlock | undefined
  let start: unknown
  let ending: unknown
  let error: unknown
  let pings = 0
  let emptyDeltas = 0
  let isWhole = false

  for (const event of eventsIn(text)) {
    const type = textAt(event, 'type')
    expect({ error, isWhole }, `nothing may follow the end: ${type}`).toEqual({ error: undefined, isWhole: false })
    if (type === 'error') {
      error = event
      continue
    }
    if (type !== 'message_start') expect(start, `${type} before message_start`).toBeDefined()
    if (type !== 'ping' && type !== 'message_stop') expect(ending, `${type} after message_delta`).toBeUndefined()
    switch (type) {
      case 'message_start':
        expect(start).toBeUndefined()
        start = at(event, 'message')
        expect(start).toMatchObject({ type: 'message', role: 'assistant', content: [], stop_reason: null })
        expect(numberAt(start, 'usage', 'input_tokens')).toBeGreaterThan(0)
        break
      case 'ping':
        pings++
        break
      case 'content_block_start':
        expect(open).toBeUndefined()
        expect(numberAt(event, 'index')).toBe(blocks.length)
        open = openBlock(at(event, 'content_block'))
        blocks.push(open)
        break
      case 'content_block_delta':
        expect(numberAt(event, 'index')).toBe(blocks.length - 1)
        if (addDelta(open, at(event, 'delta'))) emptyDeltas++
        break
      case 'content_block_stop':
        expect(numberAt(event, 'index')).toBe(blocks.length - 1)
        expect(open).toBeDefined()
        if (open?.type === 'thinking') expect(open.signature).toBeTruthy()
        if (open?.type === 'tool_use') expect(open.text).not.toBe('')
        open = undefined
        break
      case 'message_delta':
        expect(open).toBeUndefined()
        ending = event
        expect(numberAt(event, 'usage', 'output_tokens')).toBeGreaterThanOrEqual(0)
        break
      case 'message_stop':
        expect(ending).toBeDefined()
        isWhole = true
        break
      default:
        expect.unreachable(`an unknown event: ${type}`)
    }
  }
  return {
    start,
    blocks,
    stopReason: textAt(ending, 'delta', 'stop_reason'),
    stopSequence: textAt(ending, 'delta', 'stop_sequence'),
    usage: at(ending, 'usage'),
    error,
    pings,
    emptyDeltas,
    isWhole,
  }
}

function eventsIn(text: string): unknown[] {
  return text
    .split('\n\n')
    .filter((event) => event !== '' && !event.startsWith(':'))
    .map((event) => {
      const [, name, data = ''] = /^event: (\w+)\ndata: (.*)$/.exec(event) ?? []
      const json = parseForeignJson(data)
      expect(textAt(json, 'type'), event).toBe(name)
      return json
    })
}

function openBlock(block: unknown): ReadBlock {
  const type = textAt(block, 'type') ?? ''
  if (type === 'tool_use') expect(objectAt(block, 'input')).toEqual({})
  else expect(textAt(block, type)).toBe('')
  return { type, text: '', id: textAt(block, 'id'), name: textAt(block, 'name') }
}

/** @returns whether it said nothing */
function addDelta(open: ReadBlock | undefined, delta: unknown): boolean {
  const [block = '', field = ''] = deltaFields[textAt(delta, 'type') ?? ''] ?? []
  expect(open?.type).toBe(block)
  expect(open?.signature, 'nothing may follow a signature').toBeUndefined()
  const text = textAt(delta, field) ?? expect.unreachable('a delta without its field')
  if (open === undefined) return false
  if (field === 'signature') open.signature = text
  else open.text += text
  return text === ''
}
