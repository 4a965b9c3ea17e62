import type { PathRound, PathSummary, SpokenRound } from '../../core/conversation-path.ts'
import type { QuestionMessage } from '../../core/question.ts'
import type { PathSpan } from './path-spans.ts'
import { type KeptSummary, placeOf, planSummaries, type SummarySettings } from './plan-summaries.ts'
import { mergePrompt, roundsPrompt } from './prompt.ts'
import { readSummary } from './read-summary.ts'

/** What is known of one path, and where its summaries go. */
export interface PathStore {
  /** From the root to the reply to this request; empty when it is not there any more. */
  path(requestId: string): Promise<readonly PathRound[]>
  /** Every summary that ends with one of these replies. */
  kept(replies: readonly string[]): Promise<readonly PathSummary[]>
  /** What was said, in the order of these replies. */
  spoken(replies: readonly string[]): Promise<readonly SpokenRound[]>
  /** In place of what is there for the same reply and level. */
  put(summary: PathSummary): Promise<void>
  remove(summaries: readonly KeptSummary[]): Promise<void>
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
  const { write, drop } = planSummaries({ rounds, kept, settings })
  await store.remove(drop)
  const texts = new Map(kept.map((summary) => [placeOf(summary), summary.text]))
  for (const span of write) {
    const text = readSummary(await ask(await promptOf(span, { store, texts })))
    await store.put(summaryOf(span, { text, promptVersion: settings.promptVersion }))
    texts.set(placeOf(span), text)
  }
  return write.length
}

async function promptOf(
  { level, rounds, children }: PathSpan,
  { store, texts }: { readonly store: PathStore; readonly texts: ReadonlyMap<string, string> },
): Promise<readonly QuestionMessage[]> {
  if (level === 1) return roundsPrompt(await store.spoken(rounds.map(({ reply }) => reply)))
  return mergePrompt(children.map((child) => texts.get(placeOf(child)) ?? ''))
}

function summaryOf(span: PathSpan, written: Pick<PathSummary, 'text' | 'promptVersion'>): PathSummary {
  const { level, uptoReply, source, fromDepth, uptoDepth } = span
  return { level, uptoReply, source, fromDepth, uptoDepth, ...written, tokens: tokensOf(written.text) }
}

/** As good as it gets without the tokenizer of the model that will read it. */
function tokensOf(text: string): number {
  return Math.ceil(text.length / 4)
}
