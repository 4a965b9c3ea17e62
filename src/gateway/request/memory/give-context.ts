import { hash } from 'node:crypto'

import type { Candidate } from '../../../core/candidate.ts'
import type { ConversationClaims } from '../../../core/conversation-claims.ts'
import { noteSources, noteStep } from '../../../core/flow-notes.ts'
import type { MemoryScope } from '../../../core/memory-scope.ts'
import type { Metrics } from '../../../core/metrics.ts'
import type { RecallMode } from '../../../core/recall-mode.ts'
import type { Exchange } from '../../../http/exchange.ts'
import type { ResolvedPlace } from '../../../memory/identity/resolve-place.ts'
import type { Context } from '../../../memory/recall/compose-context.ts'
import { contextBudget } from '../../../memory/recall/context-budget.ts'
import type { StoreBudget } from '../../../store/store-budget.ts'
import type { Intake } from '../intake.ts'
import { askedRecall } from './asked-recall.ts'
import { injectContext } from './inject-context.ts'
import type { Found, Recaller } from './recaller.ts'

/** A request that is remembered, as far as this needs to know it. */
export interface RememberedRequest {
  readonly scope: MemoryScope
  readonly claims: Pick<ConversationClaims, 'olderRounds' | 'isStep'>
  readonly userText: string
  readonly budget: StoreBudget
  /** Never rejects. */
  readonly place: Promise<ResolvedPlace | undefined>
}

export interface GiveContextParts {
  readonly remembered: RememberedRequest
  /** Absent: nothing is ever given back. */
  readonly recaller: Recaller | undefined
  /** What is configured. */
  readonly recall: { readonly mode: RecallMode; readonly budget: number }
  /** Who may serve it: what is given back has to fit into the smallest context of them. */
  readonly candidates: readonly Candidate[]
  readonly metrics: Pick<Metrics, 'contextInjected'>
}

/**
 * The request with what it is given back of its own conversation, and its reply told so. It stays as it came where it is
 * not remembered, its place was not found in time, the client sent everything along, or nothing fits. Takes no longer than
 * what is left of its time for the store, and never fails a request.
 */
export async function giveContext(exchange: Exchange, intake: Intake, parts: GiveContextParts): Promise<Intake> {
  const { remembered, recaller, recall, metrics } = parts
  // Its place is written before it goes on, whatever it is given back.
  const place = await remembered.place
  const mode = askedRecall(exchange, recall.mode)
  if (recaller === undefined || mode === 'off') return intake
  if (place?.parentReply === undefined) return intake // the first message of a conversation
  const tokens = contextBudget({ budget: recall.budget, ...roomOf(intake, parts.candidates) })
  if (tokens === 0) return intake
  const { scope, claims, userText: text, budget } = remembered
  const shown = { shownTurns: new Set(place.alignedTurns), olderShown: claims.olderRounds }
  const startedUs = Math.round(exchange.elapsedMs() * 1000)
  const outcome = await recaller.contextFor({ scope, reply: place.reply, mode, text, tokens, ...shown }, budget)
  if (outcome.type !== 'done') {
    exchange.note('memory', `nothing: the store is ${outcome.reason}`)
    return intake
  }
  const { context, sources } = outcome.value
  noteRecall(exchange, { mode, budget: tokens, startedUs, context, sources })
  if (context === undefined) return intake
  exchange.note('memory', describe(context))
  exchange.addHeader('x-llmr-memory', describe(context))
  metrics.contextInjected({ tokens: context.tokens })
  return injectContext(intake, context)
}

/** For the lineage of the request: what was found, and what of that the model is shown; from these it can be made again. */
function noteRecall(
  exchange: Exchange,
  { mode, budget, startedUs, context, sources }: Found & { mode: RecallMode; budget: number; startedUs: number },
): void {
  const { record } = exchange
  const endedUs = Math.round(exchange.elapsedMs() * 1000)
  noteStep(record, {
    type: 'retrieve',
    startedUs,
    durationUs: endedUs - startedUs,
    facts: { mode, budget, found: sources.length },
  })
  noteSources(record, sources)
  if (context === undefined) return
  const digest = hash('sha256', context.text, 'hex')
  noteStep(record, { type: 'inject', startedUs: endedUs, digest, facts: { tokens: context.tokens } })
}

/** Tokens in the prompt, those kept for the reply, and the context they have to share. */
function roomOf({ approximateTokens, outline }: Intake, candidates: readonly Candidate[]) {
  const lengths = candidates.flatMap(({ description }) => description?.contextLength ?? [])
  return {
    promptTokens: approximateTokens,
    replyTokens: outline?.maxTokens,
    contextLength: lengths.length === 0 ? undefined : Math.min(...lengths),
  }
}

/** `window=2 retrieved=3 tokens=412`; numbers alone, it travels in a header. */
function describe({ window, retrieved, files, summaries, tokens }: Context): string {
  return [
    `window=${window}`,
    `retrieved=${retrieved}`,
    ...(files > 0 ? [`files=${files}`] : []),
    ...(summaries > 0 ? [`summaries=${summaries}`] : []),
    `tokens=${tokens}`,
  ].join(' ')
}
