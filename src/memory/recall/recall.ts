import type { KeptRound, RecallPathQuestion, RecallRound, RecallSource } from '../../core/recall-source.ts'
import type { MemoryScope } from '../../core/memory-scope.ts'
import type { RecallMode } from '../../core/recall-mode.ts'
import { chooseFiles } from './choose-files.ts'
import { chooseRounds, type ChosenRounds } from './choose-rounds.ts'
import { mentions } from './mentions.ts'
import { questionWords } from './question-words.ts'
import type { RecentRounds } from './recent-rounds.ts'
import { nothingRecalled, type Recalled, type RecalledFile, type SpokenRound } from './recalled.ts'

export interface RecallQuestion {
  readonly scope: MemoryScope
  /** The store's number of the reply that is asked for now. */
  readonly reply: string
  readonly mode: RecallMode
  /** What the user says now. */
  readonly text: string
  readonly nearTo?: RecallPathQuestion['nearTo']
  /** Turns that the client itself sent along. */
  readonly shownTurns: ReadonlySet<string>
}

export interface RecallParts {
  readonly source: RecallSource
  /** What was said through this process and may not be kept yet. */
  readonly recent: Pick<RecentRounds, 'get'>
  readonly signal?: AbortSignal
}

/**
 * What a request is given back of its own conversation: two questions to the store at most, three where files were read.
 * Rejects when the store fails.
 */
export async function recall(question: RecallQuestion, { source, recent, signal }: RecallParts): Promise<Recalled> {
  const { scope, mode, reply, text, nearTo, shownTurns } = question
  if (mode === 'off') return nothingRecalled
  const words = mode === 'hybrid' ? questionWords(text) : []
  const kept = await source.path({ scope, reply, words, nearTo }, { signal })
  const path = kept.map((round) => withRecent(round, words, recent))
  const chosen = chooseRounds(path, { mode, shownTurns })
  const spoken = await spokenIn(chosen, path, async (replies) => [
    ...replies.flatMap((one) => recentRound(one, recent)),
    ...(await source.rounds(
      scope,
      replies.filter((one) => recent.get(one) === undefined),
      { signal },
    )),
  ])
  const files = mode === 'hybrid' ? await filesOn(path, { question, words, source, signal }) : []
  return { ...spoken, files }
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

/** A client that sent a turn along sent what was read in it, too; the same file read before that is out of date. */
async function filesOn(
  path: readonly RecallRound[],
  {
    question: { scope, shownTurns },
    words,
    source,
    signal,
  }: { question: RecallQuestion; words: readonly string[]; source: RecallSource; signal: AbortSignal | undefined },
): Promise<readonly RecalledFile[]> {
  const replies = path.flatMap(({ filesOf }) => filesOf)
  if (replies.length === 0 || words.length === 0) return []
  const files = await source.files(scope, replies, { ...fileBounds, signal })
  const shown = new Set(path.filter(({ turn }) => shownTurns.has(turn)).flatMap(({ filesOf }) => filesOf))
  return chooseFiles(
    files.filter(({ reply }) => !shown.has(reply)),
    words,
  )
}

const fileBounds = { most: 12, charactersMax: 32_000 }
