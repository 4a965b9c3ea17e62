import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import type { Message, UserPart } from '../../../src/core/chat/message.ts'
import { canonicalUserText } from '../../../src/memory/identity/canonical-user-text.ts'
import { claimsOf } from '../../../src/memory/identity/claims-of.ts'
import { chainNext, chainStart, replyDigest, userDigest } from '../../../src/memory/identity/digests.ts'
import { ada, chat } from '../../support/memory/memory-client.ts'

const user = (...parts: readonly (string | UserPart)[]): Message => ({
  role: 'user',
  parts: parts.map((part) => (typeof part === 'string' ? { type: 'text', text: part } : part)),
})
const claims = (messages: readonly Message[], scope = ada) => claimsOf({ scope, messages })
const image = (data: string): UserPart => ({ type: 'image', source: { kind: 'base64', mediaType: 'image/png', data } })

describe('what the user said counts, and nothing that clients put around it', () => {
  const same = (one: Message, other: Message) => expect(claims([one])?.current).toEqual(claims([other])?.current)

  test('as a string first and as parts later', () => same(user('a\nb'), user('a', 'b')))
  test('with other ends of lines, blanks around it, and letters composed in another way', () =>
    same(user('caf\u00e9\r\nau lait'), user(' cafe\u0301\nau lait\n')))
  test('with reminders that change every turn', () =>
    same(
      user('<system-reminder>It is 9.</system-reminder>', 'hi'),
      user('<system-reminder>It is 10.</system-reminder>\nhi'),
    ))
  test('inside the template of retrieved documents, as long as it is the current turn', () =>
    same(
      user('what is it?'),
      user('### Task:\nRespond to the query.\n<context>\n<source>x</source>\n</context>\n\nwhat is it?'),
    ))
  test("inside an agent's own elements", () =>
    same(user('fix it'), user('<task>\nfix it\n</task>', '<environment_details>\n# Files\n</environment_details>')))
  test('with images that are dropped from old turns', () => same(user('look', image('a')), user('look')))

  test('but images count where they are all there is', () => {
    expect(claims([user(image('a'))])?.current).not.toEqual(claims([user(image('b'))])?.current)
    expect(claims([user(image('a'))])?.current).toEqual(claims([user(image('a'))])?.current)
  })

  test('a text that only begins like a template is what the user said', () => {
    expect(canonicalUserText(['### Task:\nwrite a poem'])).toBe('### Task:\nwrite a poem')
  })

  test('a message of reminders alone is no turn, and a request of them alone has no claims', () => {
    const reminder = user('<system-reminder>x</system-reminder>')
    expect(claims([...chat('hi', 'Hello.'), reminder])).toEqual(claims(chat('hi', 'Hello.')))
    expect(claims([reminder])).toBeUndefined()
    expect(claims([{ role: 'system', parts: [{ type: 'text', text: 'Be brief.' }] }])).toBeUndefined()
  })
})

describe('the chain', () => {
  test('of a scope begins where no other one does, so that nothing is no conversation (N1.7)', () => {
    const scopes = [
      ada,
      { ...ada, tenant: 'work' },
      { ...ada, principal: 'ada2' },
      { tenant: 'homea', principal: 'da' },
    ]
    expect(new Set(scopes.map(chainStart)).size).toBe(scopes.length)
    expect(new Set(scopes.map((scope) => claims(chat('hi'), scope)?.current.chain)).size).toBe(scopes.length)
    expect(claims(chat('hi'))?.rounds).toEqual([])
  })

  test('holds nothing of what the model said, nor of the system (N1.7)', () => {
    const system: Message = { role: 'system', parts: [{ type: 'text', text: `It is ${Date.now()}.` }] }
    const one = claims(chat('hi', 'Hello.', 'more'))
    const other = claims([system, ...chat('hi', 'Good day!', 'more')])
    expect(other?.current.chain).toBe(one?.current.chain)
    expect(other?.rounds[0]?.reply).not.toEqual(one?.rounds[0]?.reply)
  })

  test('says the same again is another turn: what is current is left out by its place, not by its words (N1.7)', () => {
    const again = claims(chat('continue', 'So.', 'continue'))
    expect(again?.rounds).toHaveLength(1)
    expect(again?.current.user).toBe(again?.rounds[0]?.user)
    expect(again?.current.chain).not.toBe(again?.rounds[0]?.chain)
  })

  test('grows by what is said and by nothing else, whatever is said', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.string({ minLength: 1 }).filter((text) => canonicalUserText([text]) !== ''),
          { minLength: 1, maxLength: 6 },
        ),
        (texts) => {
          const said = texts.flatMap((text) => [text, 'OK.']).slice(0, -1)
          const all = claims(chat(...said))
          const digests = texts.map((text) => userDigest({ text: canonicalUserText([text]), media: [] }))
          expect(all?.current.chain).toBe(digests.reduce(chainNext, chainStart(ada)))
          const before = claims(chat(...said.slice(0, -2)))
          expect(all?.rounds.at(-1)?.chain).toBe(before?.current.chain)
        },
      ),
    )
  })

  test('of a long conversation is whole, though only its latest rounds are told', () => {
    const texts = Array.from({ length: 161 }, (_, at) => `text ${at}`)
    const long = claims(chat(...texts))
    expect(long).toMatchObject({ olderRounds: 16 })
    expect(long?.rounds).toHaveLength(64)
    const other = claims(chat('another beginning', ...texts.slice(1)))
    expect(other?.current.chain).not.toBe(long?.current.chain)
    expect(other?.current.user).toBe(long?.current.user)
  })
})

describe('a reply is known again', () => {
  test('trimmed, wrapped anew, and without its thoughts', () => {
    expect(replyDigest(' <think>Hm.</think>\nHello  there.\n')).toEqual(replyDigest('Hello there.'))
  })

  test('by its beginning, when its stream was stopped', () => {
    const said = 'It was a dark and stormy night, and the rain fell in torrents.'
    expect(replyDigest(said.slice(0, 50)).prefixDigest).toBe(replyDigest(said).prefixDigest)
    expect(replyDigest(said.slice(0, 50)).digest).not.toBe(replyDigest(said).digest)
  })

  test('two lists of media are never one', () => {
    expect(userDigest({ text: '', media: ['ab', 'c'] })).not.toBe(userDigest({ text: '', media: ['a', 'bc'] }))
  })
})

describe("an agent's step", () => {
  const call = { type: 'tool-call', id: 'call_1', name: 'look', argumentsText: '{}' } as const
  const called: readonly Message[] = [
    { role: 'assistant', parts: [call] },
    { role: 'tool', callId: 'call_1', parts: [{ type: 'text', text: '42' }] },
  ]

  test('shows the calls that it answers', () => {
    expect(claims([...chat('look it up'), ...called])).toMatchObject({ callIds: ['call_1'], isStep: true, rounds: [] })
  })

  test('is over with the next thing that the user says; its calls are those of the round before', () => {
    const messages = [...chat('look it up'), ...called, ...chat('next').map((message) => message)]
    expect(claims(messages)).toMatchObject({ callIds: ['call_1'], isStep: false, rounds: [{ hasCalls: true }] })
    const later = [
      ...messages,
      { role: 'assistant', parts: [{ type: 'text', text: 'So.' }] } as const,
      ...chat('again'),
    ]
    expect(claims(later)).toMatchObject({ callIds: [], isStep: false })
  })
})
