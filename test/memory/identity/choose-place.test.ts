import { describe, expect, test } from 'vitest'

import type { FoundReply, FoundTurn } from '../../../src/core/found-turns.ts'
import type { Message } from '../../../src/core/chat/message.ts'
import { isUnique } from '../../../src/memory/identity/call-ids.ts'
import { choosePlace } from '../../../src/memory/identity/choose-place.ts'
import { claimsOf } from '../../../src/memory/identity/claims-of.ts'
import { replyDigest } from '../../../src/memory/identity/digests.ts'
import { ada, chat } from '../../support/memory/memory-client.ts'

const long = 'A reply that is long enough to be recognised by itself, since nobody else would be told just that.'

function claims(messages: readonly Message[]) {
  const made = claimsOf({ scope: ada, messages })
  if (made === undefined) throw new Error('expected claims')
  return made
}

let ids = 0

/** What is kept of a chat: its last turn with its reply, and those before. */
function kept(conversation: string, texts: readonly string[], changes: Partial<FoundTurn> = {}): FoundTurn {
  const { current, rounds } = claims(chat(...texts.slice(0, -1)))
  const reply: FoundReply = {
    id: String(++ids),
    requestId: null,
    isUncertain: false,
    isLaterStep: false,
    calls: 0,
    ...replyDigest(texts.at(-1) ?? ''),
  }
  const ancestors = rounds.toReversed().map(({ user, reply: said }) => ({
    id: String(++ids),
    user,
    digest: said?.digest ?? null,
    prefixDigest: said?.prefixDigest ?? null,
    isLaterStep: false,
  }))
  return {
    id: String(++ids),
    conversation,
    isKeyed: false,
    depth: rounds.length + 1,
    ...current,
    parentReply: null,
    replies: [reply],
    ancestors,
    ...changes,
  }
}

const choose = (texts: readonly string[], ...turns: readonly FoundTurn[]) =>
  choosePlace(claims(chat(...texts)), { turns })

describe('a wrong join is never risked', () => {
  test('a reply that contradicts what is shown is not gone on from', () => {
    expect(choose(['hi', 'Hello.', 'more'], kept('a', ['hi', 'Good day!'])).tier).toBe('new')
    expect(choose(['a', 'A.', 'hi', 'Hello.', 'more'], kept('a', ['a', 'B.', 'hi', 'Hello.'])).tier).toBe('new')
  })

  test('the last words of a longer conversation are not enough, where they are few', () => {
    const path = kept('a', ['x', 'X.', 'y', 'Y.', 'ok', 'OK.'])
    expect(choose(['ok', 'OK.', 'more'], path).tier).toBe('new')
    expect(choose(['y', 'Y.', 'ok', 'OK.', 'more'], path).tier).toBe('window')
  })

  test('of two that are as good neither is', () => {
    const [one, other] = ['a', 'b'].map((name) => kept(name, [name, 'So.', 'y', 'Y.', 'ok', 'OK.']))
    if (one === undefined || other === undefined) throw new Error('expected two')
    expect(choose(['y', 'Y.', 'ok', 'OK.', 'more'], one, other).tier).toBe('new')
  })

  test('nor is one of so many that there may be more', () => {
    const crowd = Array.from({ length: 16 }, (_, n) => kept('a', [`${n}`, 'So.', 'y', 'Y.', 'ok', long]))
    expect(choose(['ok', long, 'more'], ...crowd).tier).toBe('new')
  })

  test('a reply that is still being said is gone on from only where it is the only one', () => {
    const open = (name: string) => {
      const turn = kept(name, ['hi', ''])
      const replies = turn.replies.map((reply) => ({ ...reply, digest: null, prefixDigest: null, isUncertain: true }))
      return { ...turn, replies }
    }
    expect(choose(['hi', 'Hello.', 'more'], open('a')).tier).toBe('chain')
    expect(choose(['hi', 'Hello.', 'more'], open('a'), open('b')).tier).toBe('new')
    expect(choose(['hi', 'Hello.', 'more'], open('a'), open('b'), kept('c', ['hi', 'Hello.'])).placement).toMatchObject(
      {
        conversation: { id: 'c' },
      },
    )
  })

  test('a conversation that its client names is no business of one that names none', () => {
    const keyed = kept('a', ['hi', 'Hello.'], { isKeyed: true })
    expect(choose(['hi', 'Hello.', 'more'], keyed).tier).toBe('new')
  })

  test('a long reply after other words is recognised, where nobody else was told it', () => {
    const twice = long.repeat(2)
    const path = kept('a', ['x', 'X.', 'y', twice])
    expect(choose(['summed up', twice, 'more'], path).tier).toBe('reply')
    expect(choose(['summed up', twice, 'more'], path, kept('b', ['z', twice])).tier).toBe('new')
  })
})

test('two that say the same from the beginning on part where they differ', () => {
  const turns = ['a', 'b'].map((name) => kept(name, ['hi', 'Hello.', 'more', name]))
  expect(choose(['hi', 'Hello.', 'more', 'b', 'and on'], ...turns).placement).toMatchObject({
    conversation: { id: 'b' },
  })
})

test('ids of calls that an engine counts or names are told from those that are given out once', () => {
  const once = ['call_8fJ2kd93Lx', 'toolu_01A09q90qw90lq917835lq9', '9Ab3kLm2Q', 'chatcmpl-tool-5f2c8a7b9d']
  const often = ['call_0', 'call-12', 'functions.look:0', '1', 'abc', 'call_look_3']
  expect(once.filter((id) => !isUnique(id))).toEqual([])
  expect(often.filter(isUnique)).toEqual([])
})
