import type { QuestionMessage } from '../../core/question.ts'
import type { PathRound, PathSpan } from './path-spans.ts'
import { type KeptSummary, planSummaries, type SummarySettings } from './plan-summaries.ts'
import { mergePrompt, roundsPrompt, type SpokenRound } from './prompt.ts'
import { readSummary } from './read-summary.ts'

/** What is known of one path, and where its summaries go. */
export interface PathStore {
  /** From the root to the reply of this request; empty when it is not there any more. */
  path(requestId: string): Promise<readonly PathRound[]>
  /** Every summary that ends at one of these replies. */
  kept(replies: readonly string[]): Promise<readonly (KeptSummary & { readonly text: string })[]>
  /** What was said, in the order of these replies. */
  spoken(replies: readonly string[]): Promise<readonly SpokenRound[]>
  /** In place of what was there for the same span. */
  put(summary: WrittenSummary): Promise<void>
}

export interface WrittenSummary extends KeptSummary {
  readonly fromDepth: number
  readonly uptoDepth: number
  readonly text: string
  readonly tokens: number
}

export interface CondenseOptions {
  readonly store: PathStore
  readonly settings: SummarySettings
  /** What a model writes when it is asked this. */
  readonly ask: (messages: readonly QuestionMessage[]) => Promise<string>
}

/**
 * Writes the summaries that a path lacks. Each is kept as soon as it is written, so whoever is interrupted goes on from
 * there. Resolves to the number of those written.
 *
 * @throws SummaryUnusable, and what the store and the model throw
 */
export async function condensePath(requestId: string, { store, settings, ask }: CondenseOptions): Promise<number> {
  const rounds = await store.path(requestId)
  const kept = rounds.length === 0 ? [] : await store.kept(rounds.map(({ reply }) => reply))
  const plan = planSummaries({ rounds, kept, settings })
  const texts = new Map(kept.map((summary) => [placeOf(summary), summary.text]))
  for (const span of plan) {
    const text = readSummary(await ask(await promptOf(span, { store, texts })))
    const { level, uptoReply, source, fromDepth, uptoDepth } = span
    const { promptVersion } = settings
    await store.put({ level, uptoReply, source, fromDepth, uptoDepth, promptVersion, text, tokens: tokensOf(text) })
    texts.set(placeOf(span), text)
  }
  return plan.length
}

async function promptOf(
  { level, rounds, children }: PathSpan,
  { store, texts }: { readonly store: PathStore; readonly texts: ReadonlyMap<string, string> },
): Promise<readonly QuestionMessage[]> {
  if (level === 1) return roundsPrompt(await store.spoken(rounds.map(({ reply }) => reply)))
  return mergePrompt(children.map((child) => texts.get(placeOf(child)) ?? ''))
}

function placeOf({ level, uptoReply }: Pick<KeptSummary, 'level' | 'uptoReply'>): string {
  return `${level} ${uptoReply}`
}

/** As good as it gets without the tokenizer of a model that is not known here. */
function tokensOf(text: string): number {
  return Math.ceil(text.length / 4)
}
