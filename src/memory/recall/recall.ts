import type { PathSummary } from '../../core/conversation-path.ts'
import type { KeptRound, RecallPathQuestion, RecallRound, RecallSource } from '../../core/recall-source.ts'
import type { MemoryScope } from '../../core/memory-scope.ts'
import type { RecallMode } from '../../core/recall-mode.ts'
import { chooseFiles } from './choose-files.ts'
import { coverPath } from '../summaries/cover-path.ts'
import { chooseRounds, type ChosenRounds, windowRounds } from './choose-rounds.ts'
import { mentions } from './mentions.ts'
import { questionWords } from './question-words.ts'
import type { RecentRounds } from './recent-rounds.ts'
import {
  nothingRecalled,
  type Recalled,
  type RecalledFile,
  type RecalledSummary,
  type SpokenRound,
} from './recalled.ts'
import { wordBeginnings } from './word-beginnings.ts'
import { type IsShown, shownOn, type ShownTurns } from './shown-on.ts'

export interface RecallQuestion extends ShownTurns {
  readonly scope: MemoryScope
  /** The store's number of the reply that is asked for now. */
  readonly reply: string
  readonly mode: RecallMode
  /** What the user says now. */
  readonly text: string
  readonly nearTo?: RecallPathQuestion['nearTo']
}

/** Whoever keeps summaries of paths. */
export interface SummarySource {
  /** Every summary that ends with one of these replies. */
  kept(replies: readonly string[]): Promise<readonly PathSummary[]>
}

export interface RecallParts {
  readonly source: RecallSource
  /** Absent where none are written. */
  readonly summaries?: SummarySource
  /** What was said through this process and may not be kept yet. */
  readonly recent: Pick<RecentRounds, 'get'>
  readonly signal?: AbortSignal
}

/**
 * What a request is given back of its own conversation: two questions to the store at most, and one more each where files
 * were read and summaries written. Rejects when the store fails.
 */
export async function recall(question: RecallQuestion, parts: RecallParts): Promise<Recalled> {
  const { scope, mode, reply, text, nearTo } = question
  if (mode === 'off') return nothingRecalled
  const { source, recent, signal } = parts
  const words = mode === 'hybrid' ? questionWords(text) : []
  const sought = [...words, ...wordBeginnings(words)]
  const kept = await source.path({ scope, reply, words: sought, nearTo }, { signal })
  const path = kept.map((round) => withRecent(round, sought, recent))
  const isShown = shownOn(path, question)
  const spoken = await spokenIn(chooseRounds(path, { mode, isShown }), path, async (replies) => [
    ...replies.flatMap((one) => recentRound(one, recent)),
    ...(await source.rounds(
      scope,
      replies.filter((one) => recent.get(one) === undefined),
      { signal },
    )),
  ])
  if (mode === 'window') return { ...nothingRecalled, ...spoken }
  const files = await filesOn(path, { scope, isShown, words, source, signal })
  return { ...spoken, files, summaries: await summariesOn(path, { isShown, summaries: parts.summaries }) }
}

/** What was just said is looked through here: the store does not have it. */
function withRecent(round: RecallRound, words: readonly string[], recent: RecallParts['recent']): RecallRound {
  const said = round.length === 0 ? recent.get(round.reply) : undefined
  if (said === undefined) return round
  const text = `${said.userText} ${said.replyText}`.toLowerCase()
  const found = words.flatMap((word, place) => (mentions(text, word) ? [place] : []))
  return { ...round, words: found, length: new Set(text.match(/[\p{L}\p{N}]+/gu)).size }
}

function recentRound(reply: string, recent: RecallParts['recent']): readonly KeptRound[] {
  const said = recent.get(reply)
  return said === undefined ? [] : [{ reply, ...said }]
}

async function spokenIn(
  { window, retrieved }: ChosenRounds,
  path: readonly RecallRound[],
  read: (replies: readonly string[]) => Promise<readonly KeptRound[]>,
): Promise<Pick<Recalled, 'window' | 'retrieved'>> {
  const distances = new Map(path.map(({ reply, distance }) => [reply, distance]))
  const replies = [...window, ...retrieved]
  const rounds = replies.length === 0 ? [] : await read(replies)
  const said = new Map(rounds.map((round) => [round.reply, round]))
  const spoken = (chosen: readonly string[]): readonly SpokenRound[] =>
    chosen.flatMap((reply) => {
      const round = said.get(reply)
      return round === undefined ? [] : [{ ...round, distance: distances.get(reply) ?? 0 }]
    })
  return { window: spoken(window), retrieved: spoken(retrieved) }
}

interface FileParts extends Pick<RecallParts, 'source' | 'signal'> {
  readonly scope: MemoryScope
  readonly isShown: IsShown
  readonly words: readonly string[]
}

/** A client that sent a turn along sent what was read in it, too; the same file read before that is out of date. */
async function filesOn(
  path: readonly RecallRound[],
  { scope, isShown, words, source, signal }: FileParts,
): Promise<readonly RecalledFile[]> {
  const replies = path.flatMap(({ filesOf }) => filesOf)
  if (replies.length === 0 || words.length === 0) return []
  const files = await source.files(scope, replies, { ...fileBounds, signal })
  const shown = new Set(path.filter(isShown).flatMap(({ filesOf }) => filesOf))
  return chooseFiles(
    files.filter(({ reply }) => !shown.has(reply)),
    words,
  )
}

const fileBounds = { most: 12, charactersMax: 32_000 }

/** Of what lies before the window, as far as the client did not send it along. */
async function summariesOn(
  path: readonly RecallRound[],
  { isShown, summaries }: { readonly isShown: IsShown; readonly summaries: SummarySource | undefined },
): Promise<readonly RecalledSummary[]> {
  const before = path.filter(({ distance }) => distance >= windowRounds)
  if (summaries === undefined || before.every(isShown)) return []
  const kept = await summaries.kept(before.map(({ reply }) => reply))
  const hidden = new Set(before.filter((round) => !isShown(round)).map(({ depth }) => depth))
  const telling = kept.filter(({ fromDepth, uptoDepth }) =>
    hidden.values().some((depth) => depth >= fromDepth && depth <= uptoDepth),
  )
  return coverPath(telling).map(({ text }) => ({ text }))
}
