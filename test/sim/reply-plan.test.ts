import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { planReply } from '../../src/sim/reply-plan.ts'
import type { GenerationRequest, ReplyCircumstances, ReplyPlan } from '../../src/sim/reply-plan.ts'
import { tokenize } from '../../src/sim/tokenizer.ts'

const weather = {
  name: 'get_weather',
  parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
}

function plan(request: Partial<GenerationRequest> = {}, circumstances: Partial<ReplyCircumstances> = {}): ReplyPlan {
  const userText = request.userText ?? 'hello'
  let ids = 0
  return planReply(
    {
      prompt: tokenize(userText),
      userText,
      maxTokens: undefined,
      stop: [],
      ignoresEnd: false,
      jsonSchema: undefined,
      tools: [],
      mustCall: false,
      toolName: undefined,
      slotId: undefined,
      mayUseCache: true,
      isStream: false,
      reportsProgress: false,
      reportsTimings: false,
      ...request,
    },
    { model: 'm', seed: 1, script: undefined, room: 10_000, nextId: () => `id${(ids += 1)}`, ...circumstances },
  )
}

function contentOf({ pieces }: ReplyPlan): string {
  return pieces.map((piece) => (piece.type === 'content' ? piece.text : '')).join('')
}

function argumentsOf({ pieces }: ReplyPlan): string {
  return pieces.map(({ type, text }) => (type === 'tool-call' || type === 'tool-arguments' ? text : '')).join('')
}

describe('a composed reply', () => {
  test('says that it is simulated, by which model, and what it was asked', () => {
    const reply = plan({ userText: 'Where is "it"?' }, { model: 'qwen3' })
    expect(contentOf(reply)).toMatch(/^Simulated reply from qwen3\. You said: "Where is "it"\?"/)
    expect(reply.finishReason).toBe('stop')
  })

  test('is the same for the same seed and request, and another for another', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer(), (userText, seed) => {
        const one = plan({ userText }, { seed })
        expect(plan({ userText }, { seed })).toEqual(one)
        expect(contentOf(plan({ userText }, { seed: seed + 1 }))).not.toBe(contentOf(one))
      }),
    )
  })

  test('does not grow with what it quotes', () => {
    expect(contentOf(plan({ userText: 'x'.repeat(100_000) })).length).toBeLessThan(600)
  })

  test('is JSON when a schema is given', () => {
    const jsonSchema = { type: 'object', properties: { ok: { type: 'boolean' } }, required: ['ok'] }
    expect(contentOf(plan({ jsonSchema }))).toBe('{"ok":true}')
  })
})

describe('the end of a reply', () => {
  test('comes after as many tokens as were asked for, but at least one, and within the context', () => {
    fc.assert(
      fc.property(fc.nat(80), fc.integer({ min: 1, max: 80 }), (maxTokens, room) => {
        const whole = plan().pieces.length
        const reply = plan({ maxTokens }, { room })
        const limit = Math.min(Math.max(maxTokens, 1), room)
        expect(reply.pieces).toHaveLength(Math.min(limit, whole))
        expect(reply.finishReason).toBe(limit < whole ? 'length' : 'stop')
      }),
    )
  })

  test('is before the first stop text', () => {
    const whole = contentOf(plan())
    fc.assert(
      fc.property(
        fc.array(
          fc.nat(whole.length - 3).map((at) => whole.slice(at, at + 3)),
          { minLength: 1, maxLength: 3 },
        ),
        (stop) => {
          const reply = plan({ stop })
          const at = Math.min(...stop.map((text) => whole.indexOf(text)))
          expect(contentOf(reply)).toBe(whole.slice(0, at))
          expect(stop).toContain(reply.stopText)
          expect(reply.finishReason).toBe('stop')
        },
      ),
    )
  })

  test('is not where an empty stop text would be', () => {
    expect(plan({ stop: [''] })).toEqual(plan())
  })

  test('comes only with the limit when the end token is ignored', () => {
    const reply = plan({ ignoresEnd: true, maxTokens: 500 })
    expect(reply.pieces).toHaveLength(500)
    expect(reply.finishReason).toBe('length')
    expect(plan({ ignoresEnd: true }, { room: 321 }).pieces).toHaveLength(321)
    expect(plan({ ignoresEnd: true, stop: ['Seeded'] })).toEqual(plan({ stop: ['Seeded'] }))
  })
})

describe('a tool call', () => {
  test.each([
    ['is made when the request insists', { mustCall: true }],
    ['is made of the tool that the request names', { mustCall: true, toolName: 'get_weather' }],
    ['is made when the user names the tool', { userText: 'please use get_weather' }],
  ])('%s', (_, request) => {
    const other = { name: 'other', parameters: {} }
    const tools = 'toolName' in request ? [other, weather] : [weather, other]
    const reply = plan({ tools, ...request })
    expect(reply.pieces[0]).toMatchObject({ type: 'tool-call', index: 0, id: 'id1', name: 'get_weather' })
    expect(JSON.parse(argumentsOf(reply))).toEqual({ city: 'simulated' })
    expect(reply.finishReason).toBe('tool_calls')
  })

  test('is not made otherwise', () => {
    expect(plan({ tools: [weather] }).pieces.every(({ type }) => type === 'content')).toBe(true)
  })

  test('that is cut ends by length', () => {
    expect(plan({ tools: [weather], mustCall: true, maxTokens: 2 }).finishReason).toBe('length')
  })
})

describe('a script', () => {
  test('gives the exact pieces of the content', () => {
    const reply = plan({}, { script: { content: ['one ', 'two'] } })
    expect(reply.pieces.map(({ text }) => text)).toEqual(['one ', 'two'])
  })

  test('puts reasoning before content and calls after it', () => {
    const toolCalls = [
      { name: 'a', arguments: { n: 1 } },
      { name: 'b', arguments: '{broken' },
    ]
    const reply = plan({}, { script: { reasoning: 'hm', content: 'ok', toolCalls } })
    expect(reply.pieces.map(({ type }) => type)).toEqual([
      'reasoning',
      'content',
      'tool-call',
      ...Array.from({ length: 6 }, () => 'tool-arguments'),
      'tool-call',
      ...Array.from({ length: 2 }, () => 'tool-arguments'),
    ])
    expect(argumentsOf(reply)).toBe('{"n":1}{broken')
  })

  test('is cut like any reply, and has the last word on why it ended', () => {
    expect(plan({ stop: ['b'] }, { script: { content: ['a', 'b', 'c'] } }).pieces).toHaveLength(1)
    expect(plan({}, { script: { content: 'a', finishReason: 'content_filter' } }).finishReason).toBe('content_filter')
  })
})
