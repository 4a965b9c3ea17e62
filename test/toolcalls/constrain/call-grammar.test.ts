import { assert, constantFrom, infiniteStream, nat, property } from 'fast-check'
import { describe, expect, test } from 'vitest'

import { validateArguments } from '../../../src/toolcalls/arguments/validate-arguments.ts'
import { callGrammar, type CallGrammarOptions } from '../../../src/toolcalls/constrain/call-grammar.ts'
import { replyFormat, replyFormats } from '../../../src/toolcalls/formats/reply-formats.ts'
import { createReplyParser } from '../../../src/toolcalls/parse/reply-parser.ts'
import { sampleGrammar } from '../../support/toolcalls/sample-grammar.ts'

const tools = [
  {
    name: 'read_file',
    parameters: {
      type: 'object',
      properties: {
        path: { type: 'string' },
        limit: { type: 'integer' },
        mode: { enum: ['text', 'a "b" \\ c'] },
        string: { type: ['string', 'null'] },
      },
      required: ['path', 'mode'],
    },
  },
  {
    name: 'edit',
    parameters: {
      type: 'object',
      properties: {
        edits: {
          type: 'array',
          items: {
            type: 'object',
            properties: { from: { type: 'string' }, all: { type: 'boolean' } },
            required: ['from'],
          },
        },
        // A schema that holds itself.
        tree: { $ref: '#/$defs/tree' },
        free: {},
        map: { type: 'object', additionalProperties: { type: 'number' } },
      },
      $defs: { tree: { type: 'object', properties: { left: { $ref: '#/$defs/tree' } } } },
    },
  },
  { name: 'now', parameters: { type: 'object' } },
] as const

const usual = { tools, strictness: 'full', mayCallInParallel: true, mustCall: true, isThinking: false } as const

function callsIn(options: Pick<CallGrammarOptions, 'format'>, text: string) {
  let count = 0
  const parser = createReplyParser({ format: options.format, tools, start: 'text', mintId: () => `c${count++}` })
  const events = [...parser.push(text), ...parser.end()]
  const beside = events.flatMap((event) => (event.type === 'text' ? [event.text] : [])).join('')
  const calls = events.flatMap((event) => (event.type === 'call-start' ? [event] : []))
  const given = events.flatMap((event) => (event.type === 'call-arguments' ? [event.text] : []))
  return { beside, calls: calls.map(({ name }, at) => ({ name, argumentsText: given[at] ?? '' })) }
}

/** A grammar's texts, by random numbers that fast-check makes and shrinks. */
const draws = infiniteStream(nat()).map((numbers) => (below: number) => {
  const { value } = numbers.next()
  return typeof value === 'number' ? value % below : 0
})

const constrained = replyFormats.filter((format) => callGrammar({ format, ...usual }) !== undefined)

describe.each(constrained.map((format) => [format.id, format] as const))('in the format %s', (_, format) => {
  test('whatever the grammar allows is read as calls to the tools there are, with arguments that fit', () => {
    const grammars = {
      loose: callGrammar({ format, ...usual, strictness: 'loose' })?.grammar ?? '',
      full: callGrammar({ format, ...usual })?.grammar ?? '',
    }
    assert(
      property(draws, constantFrom('loose', 'full'), (draw, strictness) => {
        const text = sampleGrammar(grammars[strictness], draw)
        const { calls } = callsIn({ format }, text)
        expect(calls.length, text).toBeGreaterThan(0)
        for (const { name, argumentsText } of calls) {
          const tool = tools.find((candidate) => candidate.name === name)
          expect(tool, text).toBeDefined()
          const { problems } = validateArguments(argumentsText, tool?.parameters ?? {})
          // Far down in a schema that holds itself, anything goes.
          if (strictness === 'full')
            expect(
              problems.filter((problem) => !problem.includes('left.left.left')),
              text,
            ).toEqual([])
        }
      }),
      { numRuns: 10 },
    )
  })
})

test('most formats have a grammar', () => {
  expect(constrained.length).toBeGreaterThanOrEqual(30)
})

test('a reply that may be text is held to the grammar from the marker of a call on, and one that must be a call from its beginning', () => {
  const format = replyFormat('hermes_json')
  const free = callGrammar({ format, ...usual, mustCall: false })
  expect(free?.triggers).toContainEqual({ kind: 'word', text: '<tool_call>' })
  expect(callGrammar({ format, ...usual })?.triggers).toEqual([])
})

test('a format without a marker waits for an object that names a tool, so that an answer in JSON stays free', () => {
  const [pattern] =
    callGrammar({ format: replyFormat('llama3_json'), ...usual, mustCall: false })?.triggers.slice(-1) ?? []
  const trigger = new RegExp(pattern?.text ?? 'x')
  expect(trigger.test(' {"name": "read_file"')).toBe(true)
  expect(trigger.test('{"result": 3}')).toBe(false)
  expect(trigger.test('Look: {"name": "read_file"')).toBe(false)
})

test('a model that has to call a tool may first end the thought that its prompt begins', () => {
  const format = replyFormat('hermes_json')
  assert(
    property(draws, (draw) => {
      const text = sampleGrammar(callGrammar({ format, ...usual, isThinking: true })?.grammar ?? '', draw)
      expect(text).toContain('</think>')
      expect(callsIn({ format }, text.slice(text.indexOf('</think>') + 8)).calls.length).toBeGreaterThan(0)
    }),
    { numRuns: 25 },
  )
})

test('schemas that would make the grammar too large become objects of any members', () => {
  const members = Object.fromEntries(Array.from({ length: 100 }, (_, at) => [`key_${at}`, { type: 'string' }]))
  const many = Array.from({ length: 100 }, (_, at) => ({
    name: `tool_${at}`,
    parameters: { type: 'object', properties: { ...members, [`own_${at}`]: { type: 'integer' } } },
  }))
  const constraint = callGrammar({ format: replyFormat('hermes_json'), ...usual, tools: many })
  expect(constraint?.strictness).toBe('loose')
  expect(constraint?.grammar.length).toBeLessThan(65_536)
})

test('at most one call where the client wants no more', () => {
  const format = replyFormat('kimi_k2')
  assert(
    property(draws, (draw) => {
      const text = sampleGrammar(callGrammar({ format, ...usual, mayCallInParallel: false })?.grammar ?? '', draw)
      expect(callsIn({ format }, text).calls).toHaveLength(1)
    }),
    { numRuns: 25 },
  )
})

test('without tools, and for formats that have no grammar here, nothing is held to anything', () => {
  expect(callGrammar({ format: replyFormat('hermes_json'), ...usual, tools: [] })).toBeUndefined()
  expect(callGrammar({ format: replyFormat('harmony'), ...usual })).toBeUndefined()
})
