import { expect } from 'vitest'

import { at, listAt, numberAt, objectAt, parseForeignJson, textAt } from '../../src/core/foreign-json.ts'

/** What a client makes of a stream of responses' events. */
export interface ReadResponse {
  /** As it stood at the end. */
  readonly response: unknown
  /** How it ended: `completed`, `incomplete` or `failed`; undefined when it did not. */
  readonly ending: string | undefined
  /** Items that came whole. */
  readonly items: readonly unknown[]
  readonly error: unknown
  /** Deltas in all. */
  readonly deltas: number
  /** Times the response was told again. */
  readonly repeats: number
}

/** An item that is open, with each of its texts as the deltas gave it. */
interface OpenItem {
  readonly id: string
  readonly type: string
  readonly texts: string[]
  openPart: boolean
}

interface Kind {
  /** Type of the item in which it may stand. */
  readonly item: string
  /** The field of the last word that must be what the deltas add up to. */
  readonly field: string
  /** Which of the item's texts it is; absent: there is one. */
  readonly index?: string
}

const kinds: Readonly<Record<string, Kind>> = {
  'response.output_text': { item: 'message', field: 'text', index: 'content_index' },
  'response.refusal': { item: 'message', field: 'refusal', index: 'content_index' },
  'response.reasoning_text': { item: 'reasoning', field: 'text', index: 'content_index' },
  'response.reasoning_summary_text': { item: 'reasoning', field: 'text', index: 'summary_index' },
  'response.function_call_arguments': { item: 'function_call', field: 'arguments' },
  'response.custom_tool_call_input': { item: 'custom_tool_call', field: 'input' },
}

/**
 * Reads a stream as strictly as the strictest client: names and types agree, numbers have no gaps, the response is made
 * before anything is said, items follow each other whole, deltas add up to what is said last, and the response at the end
 * has the items that came.
 */
export function readResponseStream(text: string): ReadResponse {
  const items: unknown[] = []
  let open: OpenItem | undefined
  let response: unknown
  let ending: string | undefined
  let error: unknown
  let deltas = 0
  let repeats = 0

  for (const [number, event] of eventsIn(text).entries()) {
    const type = textAt(event, 'type') ?? ''
    expect(at(event, 'sequence_number'), 'numbers have no gaps').toBe(number)
    expect(ending, `nothing may follow the end: ${type}`).toBeUndefined()
    if (error !== undefined) expect(type).toBe('response.failed')
    expect(type === 'response.created', type).toBe(number === 0)
    if (number === 1) expect(type).toBe('response.in_progress')
    if (objectAt(event, 'response') !== undefined) {
      response = readResponse(at(event, 'response'), response)
      const [, end] = /^response\.(completed|incomplete|failed)$/.exec(type) ?? []
      if (type === 'response.in_progress' && number > 1) repeats++
      if (end === undefined) expect(at(response, 'status')).toBe('in_progress')
      else {
        ending = end
        expect(open).toBeUndefined()
        expect(at(response, 'status')).toBe(end)
        expect(listAt(response, 'output')).toEqual(items)
      }
      continue
    }
    if (type === 'error') {
      error = event
      expect(objectAt(event, 'error')).toMatchObject({ message: at(event, 'message'), code: at(event, 'code') })
      continue
    }
    if (type === 'response.output_item.added') {
      expect(open).toBeUndefined()
      expect(at(event, 'output_index')).toBe(items.length)
      const item = at(event, 'item')
      expect(at(item, 'status')).toBe('in_progress')
      open = { id: textAt(item, 'id') ?? '', type: textAt(item, 'type') ?? '', texts: [], openPart: false }
      expect(items.map((before) => at(before, 'id'))).not.toContain(open.id)
      continue
    }
    if (open === undefined) expect.unreachable(`${type} outside of an item`)
    expect(at(event, 'output_index')).toBe(items.length)
    if (type === 'response.output_item.done') {
      expect(open.openPart).toBe(false)
      expect(at(event, 'item')).toMatchObject({
        id: open.id,
        type: open.type,
        status: expect.not.stringMatching('in_pro'),
      })
      expect(textsIn(at(event, 'item'))).toEqual(open.texts)
      items.push(at(event, 'item'))
      open = undefined
      continue
    }
    expect(at(event, 'item_id')).toBe(open.id)
    if (/part\.(added|done)$/.test(type)) {
      expect(open.openPart).toBe(type.endsWith('done'))
      open.openPart = !open.openPart
      continue
    }
    const [, name = '', step] = /^(.*)\.(delta|done)$/.exec(type) ?? []
    const kind = kinds[name] ?? expect.unreachable(`an unknown event: ${type}`)
    expect(open.type).toBe(kind.item)
    const index = kind.index === undefined ? 0 : (numberAt(event, kind.index) ?? -1)
    if (kind.index !== undefined) expect(open.openPart).toBe(true)
    expect(index === open.texts.length || index === open.texts.length - 1).toBe(true)
    open.texts[index] ??= ''
    if (step === 'delta') {
      deltas++
      expect(textAt(event, 'delta')).not.toBe('')
      open.texts[index] += textAt(event, 'delta') ?? ''
      if (name === 'response.output_text') expect(listAt(event, 'logprobs')).toEqual([])
    } else expect(textAt(event, kind.field)).toBe(open.texts[index])
  }
  return { response, ending, items, error, deltas, repeats }
}

const requiredFields = [
  'id',
  'object',
  'created_at',
  'error',
  'incomplete_details',
  'instructions',
  'model',
  'tools',
  'output',
  'parallel_tool_calls',
  'metadata',
  'tool_choice',
  'temperature',
  'top_p',
]

function readResponse(response: unknown, before: unknown): unknown {
  for (const field of requiredFields) expect(at(response, field), field).not.toBeUndefined()
  if (before !== undefined) expect(at(response, 'id')).toBe(at(before, 'id'))
  return response
}

function textsIn(item: unknown): string[] {
  const whole = textAt(item, 'arguments') ?? textAt(item, 'input')
  if (whole !== undefined) return [whole]
  return [...listAt(item, 'summary'), ...listAt(item, 'content')].map(
    (part) => textAt(part, 'text') ?? textAt(part, 'refusal') ?? expect.unreachable('a part without text'),
  )
}

function eventsIn(text: string): unknown[] {
  return text
    .split('\n\n')
    .filter((event) => event !== '' && !event.startsWith(':'))
    .map((event) => {
      const [, name, data = ''] = /^event: ([\w.]+)\ndata: (.*)$/.exec(event) ?? []
      const json = parseForeignJson(data)
      expect(textAt(json, 'type'), event).toBe(name)
      return json
    })
}
