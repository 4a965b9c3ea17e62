import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { replyFormats } from '../../../src/toolcalls/formats/reply-formats.ts'
import { createReplyParser } from '../../../src/toolcalls/parse/reply-parser.ts'
import { mergedReply, mergeEvents, parseChunks } from '../../support/toolcalls/merge-events.ts'
import { optionsOfFixture, replyFixtures, type ReplyFixture } from '../../support/toolcalls/reply-fixtures.ts'

describe('what each family writes', () => {
  test.each(replyFixtures.map((fixture) => [`${fixture.format}: ${fixture.claim}`, fixture] as const))(
    '%s',
    (_, fixture) => {
      const reply = mergedReply(parseChunks([fixture.input], optionsOfFixture(fixture)))
      expect(reply.content.trim()).toBe(fixture.text)
      expect(reply.reasoning).toBe(fixture.reasoning)
      expect(reply.calls.map(({ name }) => name)).toEqual(fixture.calls.map(({ name }) => name))
      if (fixture.raw !== undefined) expect(reply.calls.map((call) => call.argumentsText)).toEqual([fixture.raw])
      else expect(reply.calls.map((call) => JSON.parse(call.argumentsText) as unknown)).toEqual(argumentsOf(fixture))
    },
  )

  test('every format has a reply here', () => {
    const missing = replyFormats.filter(({ id }) => !replyFixtures.some(({ format }) => format === id))
    expect(missing.map(({ id }) => id)).toEqual([])
  })
})

describe('a stream', () => {
  test('gives the same events however it is cut', () => {
    const cutFixture = fc
      .constantFrom(...replyFixtures)
      .chain((fixture) =>
        fc.record({ fixture: fc.constant(fixture), cuts: fc.array(fc.nat(fixture.input.length), { maxLength: 12 }) }),
      )
    fc.assert(
      fc.property(cutFixture, ({ fixture, cuts }) => {
        const options = optionsOfFixture(fixture)
        const whole = mergeEvents(parseChunks([fixture.input], options))
        expect(mergeEvents(parseChunks(cutAt(fixture.input, cuts), options))).toEqual(whole)
        expect(mergeEvents(parseChunks(fixture.input.split(''), options))).toEqual(whole)
      }),
    )
  })

  test('gives the same events however it is cut, whatever the text and the format', () => {
    const soup = fc.constantFrom(...replyFormats).chain((format) => {
      const markers = replyFixtures.filter((fixture) => fixture.format === format.id).flatMap(piecesOf)
      const piece = fc.oneof(
        fc.constantFrom(...markers),
        fc.string({ maxLength: 4 }),
        fc.constantFrom('{', '}', '"', '\n', '`'),
      )
      return fc.record({ format: fc.constant(format), pieces: fc.array(piece, { maxLength: 30 }) })
    })
    fc.assert(
      fc.property(soup, ({ format, pieces }) => {
        const options = { format, tools: [] }
        const whole = mergeEvents(parseChunks([pieces.join('')], options))
        expect(mergeEvents(parseChunks(pieces, options))).toEqual(whole)
        expect(mergeEvents(parseChunks(pieces.join('').split(''), options))).toEqual(whole)
      }),
    )
  })

  test('lets text go at once and holds back only what may be a marker', () => {
    const parser = createReplyParser({ ...hermes(), mintId: () => 'a' })
    expect(parser.push('Hello <')).toEqual([{ type: 'text', text: 'Hello' }])
    expect(parser.push('b> you')).toEqual([{ type: 'text', text: ' <b> you' }])
    expect(parser.push(' <tool_ca')).toEqual([])
    expect(parser.push('ke>')).toEqual([{ type: 'text', text: ' <tool_cake>' }])
  })

  test('names a call once, whole, under a minted id', () => {
    let minted = 0
    const parser = createReplyParser({ ...hermes(), mintId: () => `call_${minted++}` })
    const text = '<tool_call>{"name": "read_file", "arguments": {"path": "a"}}</tool_call>'
    const events = text
      .split('')
      .flatMap((char) => parser.push(char))
      .concat(parser.end())
    expect(events).toEqual([
      { type: 'call-start', call: 0, id: 'call_0', name: 'read_file' },
      { type: 'call-arguments', call: 0, text: '{"path": "a"}' },
    ])
  })

  test('tells the id that the model gave a call beside the minted one', () => {
    const fixture = replyFixtures.find(({ claim }) => claim === 'the id carries the name')
    const events = fixture === undefined ? [] : parseChunks([fixture.input], optionsOfFixture(fixture))
    expect(events).toContainEqual(expect.objectContaining({ id: 'call_0', sourceId: 'functions.read_file:0' }))
  })

  test('says nothing more after its end', () => {
    const parser = createReplyParser({ ...hermes(), mintId: () => 'a' })
    parser.push('a')
    parser.end()
    expect([...parser.push('b'), ...parser.end()]).toEqual([])
  })
})

describe('a text made to hurt', () => {
  const million = 1_000_000
  test.each([
    ['endless brackets', 'llama3_json', '', '{'],
    ['endless brackets in a call', 'hermes_json', '<tool_call>', '['],
    ['endless openings', 'hermes_json', '', '<tool_call>{"a":"'],
    ['endless openings that close', 'lmstudio_json', '', '[TOOL_REQUEST][END_TOOL_REQUEST]'],
    ['endless beginnings of a tag', 'qwen3_coder_xml', '<tool_call><function=f><parameter=a>', '</parameter'],
    ['endless names', 'mistral', '[TOOL_CALLS]', 'a'],
    ['endless fences', 'generic', '', '```json\n{"name":'],
    ['endless raw strings', 'gemma4', '', '<|tool_call>call:a{b:<|"|>'],
    ['endless headers', 'harmony', '', '<|channel|>'],
    ['endless white space', 'hermes_json', 'a', ' '],
    ['endless white space in a call', 'hermes_json', '<tool_call>{"name":', ' '],
  ])('%s cost time that grows with their length', (_, format, start, unit) => {
    const text = start + unit.repeat(Math.ceil(million / 4 / unit.length))
    const chunks = text.match(/[\s\S]{1,16}/g) ?? []
    const fixture = { format, claim: '', input: text, text: '', reasoning: '', calls: [] }
    const reply = mergedReply(parseChunks(chunks, optionsOfFixture(fixture)))
    expect(reply.content.length).toBeLessThanOrEqual(text.length)
  })

  test('an argument of a million characters arrives whole', () => {
    const content = 'x\\n'.repeat(million / 3)
    const text = `<tool_call>{"name": "write_file", "arguments": {"content": "${content}"}}</tool_call>`
    const { calls } = mergedReply(parseChunks(text.match(/[\s\S]{1,5}/g) ?? [], hermes()))
    expect(calls).toEqual([{ name: 'write_file', argumentsText: `{"content": "${content}"}` }])
  })

  test('brackets nested past all reason are no argument', () => {
    const text = `<tool_call>{"name": "f", "arguments": {"a": ${'['.repeat(5000)}'x'${']'.repeat(5000)}}}</tool_call>`
    expect(mergedReply(parseChunks([text], hermes())).calls).toEqual([])
  })
})

function hermes(): ReturnType<typeof optionsOfFixture> {
  return optionsOfFixture({
    format: 'hermes_json',
    claim: '',
    input: '',
    text: '',
    reasoning: '',
    calls: [],
    start: 'text',
  })
}

function argumentsOf(fixture: ReplyFixture): unknown[] {
  return fixture.calls.map((call) => call.arguments)
}

function cutAt(text: string, cuts: readonly number[]): string[] {
  const ends = [...new Set([...cuts, text.length])].sort((left, right) => left - right)
  return ends.map((end, index) => text.slice(ends[index - 1] ?? 0, end))
}

/** Markers and what stands between them, to be stirred. */
function piecesOf(fixture: ReplyFixture): string[] {
  return fixture.input.split(/(?<=[>\]])|(?=[<[])/).filter((piece) => piece !== '')
}
