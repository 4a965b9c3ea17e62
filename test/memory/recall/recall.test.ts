import { expect, test } from 'vitest'

import type {
  KeptFile,
  KeptRound,
  RecallPathQuestion,
  RecallRound,
  RecallSource,
} from '../../../src/core/recall-source.ts'
import { RecentRounds } from '../../../src/memory/recall/recent-rounds.ts'
import { recall, type RecallQuestion } from '../../../src/memory/recall/recall.ts'
import { aPath } from './a-path.ts'

/** A store with one path in it, which notes what it is asked. */
class OnePath implements RecallSource {
  readonly asked: string[] = []
  words: RecallPathQuestion['words'] = []
  readonly #rounds: readonly RecallRound[]
  readonly #files: readonly KeptFile[]

  constructor(rounds: readonly RecallRound[], files: readonly KeptFile[] = []) {
    this.#rounds = rounds
    this.#files = files
  }

  path({ words }: RecallPathQuestion): Promise<readonly RecallRound[]> {
    this.asked.push('path')
    this.words = words
    return Promise.resolve(this.#rounds)
  }

  rounds(_scope: unknown, replies: readonly string[]): Promise<readonly KeptRound[]> {
    this.asked.push(`rounds ${replies.join(' ')}`)
    return Promise.resolve(replies.map((reply) => ({ reply, userText: `${reply} asked`, replyText: 'said', atMs: 0 })))
  }

  files(_scope: unknown, replies: readonly string[]): Promise<readonly KeptFile[]> {
    this.asked.push(`files ${replies.join(' ')}`)
    return Promise.resolve(this.#files.filter(({ reply }) => replies.includes(reply)))
  }
}

const question: RecallQuestion = {
  scope: { tenant: 'default', principal: 'ada' },
  reply: '99',
  mode: 'hybrid',
  text: 'What is my landlord called?',
  shownTurns: new Set(),
  olderShown: 0,
}
const nothingRecent = new RecentRounds()
const six = aPath([{}, {}, {}, {}, { words: [0] }, {}])

test('two questions to the store: which rounds there are, and what was said in those that are given back', async () => {
  const source = new OnePath(six)
  const found = await recall(question, { source, recent: nothingRecent })
  expect(source.words).toEqual(['landlord', 'called', 'landlo*', 'calle*'])
  expect(found.window.map(({ reply }) => reply)).toEqual(['reply-0', 'reply-1'])
  expect(found.retrieved[0]).toMatchObject({ reply: 'reply-4', distance: 4, userText: 'reply-4 asked' })
  expect(source.asked).toEqual(['path', 'rounds reply-0 reply-1 reply-4 reply-3 reply-5 reply-2'])
})

test('the window alone looks for no words', async () => {
  const source = new OnePath(six)
  const found = await recall({ ...question, mode: 'window' }, { source, recent: nothingRecent })
  expect(source.words).toEqual([])
  expect(found.retrieved).toEqual([])
  expect(source.asked).toEqual(['path', 'rounds reply-0 reply-1'])
})

test('off asks nobody anything, and a first message is given nothing back', async () => {
  const source = new OnePath(six)
  await recall({ ...question, mode: 'off' }, { source, recent: nothingRecent })
  expect(source.asked).toEqual([])
  expect(await recall(question, { source: new OnePath([]), recent: nothingRecent })).toEqual({
    window: [],
    retrieved: [],
    files: [],
    summaries: [],
  })
})

test('a turn that follows at once finds what the store does not have yet (N1.9)', async () => {
  const recent = new RecentRounds()
  recent.add('reply-0', { userText: 'My landlord is Ms Aho.', replyText: 'Noted.', atMs: 5 })
  recent.add('reply-3', { userText: 'Landlord: call on Monday.', replyText: 'Yes.', atMs: 2 })
  const source = new OnePath(aPath([{ length: 0 }, {}, {}, { length: 0 }, {}]))
  const found = await recall(question, { source, recent })
  expect(found.window[0]).toMatchObject({ userText: 'My landlord is Ms Aho.', distance: 0 })
  expect(found.retrieved[0]).toMatchObject({ userText: 'Landlord: call on Monday.', distance: 3 })
  expect(source.asked[1]).not.toContain('reply-0')
})

test('a file that the question names is given back, unless the client sent the turn in which it was read last', async () => {
  const [latest, ...rest] = six
  const path = [...(latest ? [{ ...latest, filesOf: ['step-1'] }] : []), ...rest]
  const file: KeptFile = { reply: 'step-1', uri: 'flat/lease.md', sha256: 'aa', content: 'Rent: 700', atMs: 1 }
  const asked = { ...question, text: 'What does lease.md say?' }
  const found = await recall(asked, { source: new OnePath(path, [file]), recent: nothingRecent })
  expect(found.files).toEqual([{ uri: 'flat/lease.md', content: 'Rent: 700', atMs: 1 }])
  const shownTurns = new Set(['turn-0'])
  const shown = await recall({ ...asked, shownTurns }, { source: new OnePath(path, [file]), recent: nothingRecent })
  expect(shown.files).toEqual([])
})

test('what lies before the window is summed up, unless the client sent it along', async () => {
  const kept = (replies: readonly string[]) =>
    Promise.resolve(
      [
        { ...summary, uptoReply: 'reply-4', fromDepth: 1, uptoDepth: 2, text: 'The beginning.' },
        { ...summary, uptoReply: 'reply-2', fromDepth: 3, uptoDepth: 4, text: 'The middle.' },
      ].filter(({ uptoReply }) => replies.includes(uptoReply)),
    )
  const parts = { source: new OnePath(six), summaries: { kept }, recent: nothingRecent }
  expect((await recall(question, parts)).summaries).toEqual([{ text: 'The beginning.' }, { text: 'The middle.' }])
  const shownTurns = new Set(['turn-0', 'turn-1', 'turn-2'])
  const half = await recall({ ...question, shownTurns, olderShown: 1 }, parts)
  expect(half.summaries).toEqual([{ text: 'The beginning.' }])
  expect((await recall({ ...question, shownTurns, olderShown: 3 }, parts)).summaries).toEqual([])
  expect((await recall({ ...question, mode: 'window' }, parts)).summaries).toEqual([])
})

const summary = { level: 1, promptVersion: 1, source: 'aa', tokens: 4 }
