import { expect, test } from 'vitest'

import type { PathRound, PathSummary } from '../../../src/core/conversation-path.ts'
import type { QuestionMessage } from '../../../src/core/question.ts'
import { condensePath, type PathStore } from '../../../src/memory/summaries/condense-path.ts'
import { pathOf, sizes } from './paths.ts'

const settings = { ...sizes, aboveTokens: 300, recentRounds: 1, promptVersion: 1 }

class MapStore implements PathStore {
  rounds: readonly PathRound[]
  readonly summaries = new Map<string, PathSummary>()

  constructor(rounds: readonly PathRound[]) {
    this.rounds = rounds
  }

  path = () => Promise.resolve(this.rounds)
  kept = (replies: readonly string[]) =>
    Promise.resolve(Array.from(this.summaries.values()).filter(({ uptoReply }) => replies.includes(uptoReply)))
  spoken = (replies: readonly string[]) =>
    Promise.resolve(replies.map((reply) => ({ userText: `asked ${reply}`, replyText: `said ${reply}` })))
  put = (summary: PathSummary) => {
    this.summaries.set(`${summary.level} ${summary.uptoReply}`, summary)
    return Promise.resolve()
  }
  remove = (summaries: readonly Pick<PathSummary, 'level' | 'uptoReply'>[]) => {
    for (const { level, uptoReply } of summaries) this.summaries.delete(`${level} ${uptoReply}`)
    return Promise.resolve()
  }
}

/** Answers with what it was shown, so that one can see what came from where. */
function echoing(calls: string[] = []) {
  return (messages: readonly QuestionMessage[]) => {
    const said = Array.from(
      messages.at(-1)?.content.matchAll(/said (a\d+)|of (a[\d+a]+)/g) ?? [],
      ([, one, two]) => one ?? two,
    )
    calls.push(said.join('+'))
    return Promise.resolve(`of ${said.join('+')}`)
  }
}

test('a long path gets summaries of its rounds, and summaries of those', async () => {
  const store = new MapStore(pathOf([60, 60, 60, 60, 60, 60, 60]))
  expect(await condensePath('r', { store, settings, ask: echoing() })).toBe(4)
  const texts = Array.from(store.summaries, ([key, { text }]) => [key, text])
  expect(texts).toEqual([
    ['1 a1', 'of a0+a1'],
    ['1 a3', 'of a2+a3'],
    ['1 a5', 'of a4+a5'],
    ['2 a5', 'of a0+a1+a2+a3+a4+a5'],
  ])
  expect(store.summaries.get('2 a5')).toMatchObject({ fromDepth: 0, uptoDepth: 5 })
})

test('one that was interrupted goes on where it was', async () => {
  const store = new MapStore(pathOf([60, 60, 60, 60, 60, 60, 60]))
  let left = 2
  const calls: string[] = []
  const ask = echoing(calls)
  const failing = (messages: readonly QuestionMessage[]) =>
    left-- > 0 ? ask(messages) : Promise.reject(new Error('no model'))
  await expect(condensePath('r', { store, settings, ask: failing })).rejects.toThrow('no model')
  expect(await condensePath('r', { store, settings, ask })).toBe(2)
  expect(calls).toHaveLength(4)
  expect(store.summaries.size).toBe(4)
})

test('a branch writes only what lies behind its fork', async () => {
  const store = new MapStore(pathOf([60, 60, 60, 60, 60, 60, 60]))
  await condensePath('r', { store, settings, ask: echoing() })
  store.rounds = [...store.rounds.slice(0, 4), ...pathOf([60, 60, 60], { branch: 'b', depth: 4 })]
  const calls: string[] = []
  await condensePath('b', { store, settings, ask: (messages) => echoing(calls)(messages).then(() => 'of the branch') })
  expect(calls).toHaveLength(2)
})

test('a path that is not there any more asks nobody', async () => {
  const store = new MapStore([])
  expect(await condensePath('gone', { store, settings, ask: () => Promise.reject(new Error('asked')) })).toBe(0)
})

test('what was written while a round was still missing is taken away', async () => {
  const whole = pathOf([60, 60, 60, 60, 60, 60, 60])
  const store = new MapStore(whole.toSpliced(1, 1))
  await condensePath('r', { store, settings, ask: echoing() })
  store.rounds = whole
  await condensePath('r', { store, settings, ask: echoing() })
  expect(Array.from(store.summaries.keys()).toSorted()).toEqual(['1 a1', '1 a3', '1 a5', '2 a5'])
})
