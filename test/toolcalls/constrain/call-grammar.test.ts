import { assert, constantFrom, infiniteStream, nat, property } from 'fast-check'
import { describe, expect, test } from 'vitest'

import { validateArguments } from '../../../src/toolcalls/arguments/validate-arguments.ts'
import { callGrammar, type CallGrammarOptions } from '../../../src/toolcalls/constrain/call-grammar.ts'
import { replyFormat, replyFormats } from '../../../src/toolcalls/formats/reply-formats.ts'
import { createReplyParser } from '../../../src/toolcalls/parse/reply-parser.ts'
import { mergedReply, parseChunks } from '../../support/toolcalls/merge-events.ts'
import { sampleGrammar } from '../../support/toolcalls/sample-grammar.ts'
import { strictProblems } from '../../support/toolcalls/strict-problems.ts'
import { toolSets } from '../../support/toolcalls/tool-schemas.ts'

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

test('every format that has calls has a grammar', () => {
  const without = replyFormats.filter((format) => !constrained.includes(format)).map(({ id }) => id)
  expect(without).toEqual(['think_tags'])
})

describe.each(Object.entries(toolSets))('with tools of the kind “%s”', (_, set) => {
  test('whatever the grammar of any format allows is a call that fits, to the letter of its schema', () => {
    assert(
      property(draws, constantFrom(...constrained), (draw, format) => {
        const constraint = callGrammar({ format, ...usual, tools: set })
        expect(constraint?.strictness).toBe('full')
        const text = sampleGrammar(constraint?.grammar ?? '', draw)
        const { calls } = mergedReply(parseChunks([text], { format, tools: set, start: 'text' }))
        expect(calls.length, text).toBeGreaterThan(0)
        for (const { name, argumentsText } of calls) {
          const tool = set.find((candidate) => candidate.name === name)
          expect(tool, text).toBeDefined()
          expect(strictProblems(argumentsText, tool?.parameters ?? {}), text).toEqual([])
        }
      }),
      { numRuns: 60 },
    )
  })
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

test('a list of calls is waited for by the names of its tools, so that lists and links stay free', () => {
  const { triggers = [] } = callGrammar({ format: replyFormat('pythonic'), ...usual, mustCall: false }) ?? {}
  const trigger = new RegExp(triggers.find(({ kind }) => kind === 'pattern')?.text ?? 'x')
  expect(trigger.test('[read_file(')).toBe(true)
  expect(trigger.test('[1, 2]')).toBe(false)
  expect(trigger.test('[read_file](https://example.org)')).toBe(false)
})

test('a message to a tool is waited for by its header, and one to the user stays free', () => {
  const { triggers = [] } = callGrammar({ format: replyFormat('harmony'), ...usual, mustCall: false }) ?? {}
  const words = triggers.flatMap(({ kind, text }) => (kind === 'word' ? [text] : []))
  const isHeld = (text: string): boolean => words.some((word) => text.includes(word))
  expect(
    isHeld('<|channel|>analysis<|message|>Look.<|end|><|start|>assistant<|channel|>commentary to=functions.'),
  ).toBe(true)
  expect(isHeld('<|channel|>analysis<|message|>Look.<|end|><|start|>assistant to=functions.')).toBe(true)
  expect(isHeld('<|channel|>analysis<|message|>Look.<|end|><|start|>assistant<|channel|>final<|message|>')).toBe(false)
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

test('without tools, and for formats that have no calls, nothing is held to anything', () => {
  expect(callGrammar({ format: replyFormat('hermes_json'), ...usual, tools: [] })).toBeUndefined()
  expect(callGrammar({ format: replyFormat('think_tags'), ...usual })).toBeUndefined()
})
