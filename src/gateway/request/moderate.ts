import { askChat } from '../../backends/ask-chat.ts'
import { BackendFailure } from '../../backends/failure.ts'
import { LlmrError } from '../../core/error.ts'
import {
  type ModerationVerdict,
  readGuardVerdict,
  readModerationInput,
  writeModeration,
} from '../../dialects/openai/moderation.ts'
import type { Exchange } from '../../http/exchange.ts'
import type { Attempt, FailedAttempt } from '../../resilience/attempt-plan.ts'
import { nextAttempt } from '../../resilience/next-attempt.ts'
import type { Catalogue } from '../../routing/catalogue.ts'
import type { BackendRuntime } from '../fleet/backend-runtime.ts'
import { forwardRequest, type ForwardParts } from './forward-request.ts'
import { noteFailure } from './settle-attempt.ts'
import type { Intake } from './intake.ts'
import type { RoutePlan, Router } from './router.ts'
import { takePlace } from './take-place.ts'

interface ModerateParts extends ForwardParts {
  readonly router: Router
}

/** A guard answers in a line; one that talks is no guard. */
const verdictTokensMax = 64
const verdictTimeoutMs = 60_000

/**
 * Judges texts: by a backend's moderation endpoint, whose reply passes as it is, or by a guard model that answers in
 * chat. Which one is the catalogue's word.
 *
 * @throws LlmrError `not_supported` when nothing here can moderate
 */
export async function moderate(exchange: Exchange, intake: Intake, parts: ModerateParts): Promise<void> {
  const { catalogue } = parts.router
  const model = moderationModel(intake, catalogue)
  const asked = { ...intake, model }
  const route = await parts.router.route(exchange, asked)
  exchange.note('routed', `${model}: ${route.decision.reason}`)
  if (catalogue.resolve(model)?.moderatesBy === 'chat') {
    await judgeByChat(exchange, asked, route, parts)
  } else {
    await forwardRequest(exchange, asked, route.plan, route.reasonOf, parts)
  }
}

/** Clients name OpenAI's model, or none; whatever here can moderate stands in for it. */
function moderationModel({ model }: Intake, catalogue: Catalogue): string {
  if (model !== undefined && catalogue.resolve(model) !== undefined) return model
  const able = catalogue
    .list()
    .find(({ id, capabilities }) => capabilities.moderation === true || catalogue.resolve(id)?.moderatesBy === 'chat')
  if (able !== undefined) return able.id
  throw new LlmrError(
    'not_supported',
    'No model here can moderate. Give one the capability moderation, or name a guard model with moderates_by: chat, ' +
      'under models in llmr.yaml.',
    { param: 'model', isRetryable: false },
  )
}

async function judgeByChat(exchange: Exchange, intake: Intake, route: RoutePlan, parts: ModerateParts): Promise<void> {
  const texts = readModerationInput(intake.request.json ?? {})
  const failed: FailedAttempt[] = []
  let refusal: LlmrError | undefined
  for (;;) {
    const step = nextAttempt(route.plan, failed, parts.clock.monotonic())
    if (step.type === 'stop') throw failed.length === 1 && refusal !== undefined ? refusal : step.error
    const { attempt } = step
    const place = await takePlace({ exchange, intake, attempt, fleet: parts.fleet, residency: parts.residency })
    if (place.kind === 'gone') return
    if (place.kind === 'failed') {
      ;({ refusal } = place)
      failed.push({ attempt, failure: place.failure })
      continue
    }
    const { requestId } = exchange.record
    const startedAtMs = exchange.elapsedMs()
    try {
      const verdicts = await askGuard(exchange, { attempt, backend: place.backend, texts })
      place.backend.served(attempt.candidate.model, requestId)
      exchange.replyJson(200, writeModeration({ requestId, model: attempt.model, verdicts }))
      return
    } catch (error) {
      if (exchange.isClientGone || !(error instanceof BackendFailure)) {
        place.backend.lost(attempt.candidate.model, requestId)
        if (exchange.isClientGone) return
        throw error
      }
      const durationMs = Math.round(exchange.elapsedMs() - startedAtMs)
      noteFailure({ exchange, attempt, parts }, error, durationMs)
      place.backend.failed(attempt.candidate.model, requestId, error, durationMs)
      failed.push({ attempt, failure: error })
    } finally {
      place.leave()
    }
  }
}

/** One text after the other: a small guard has one slot, and a long list must not take every one of a large one. */
async function askGuard(
  exchange: Exchange,
  parts: { attempt: Attempt; backend: BackendRuntime; texts: readonly string[] },
): Promise<ModerationVerdict[]> {
  const { attempt, backend, texts } = parts
  const { backend: name, model } = attempt.candidate
  exchange.record.backend = name
  exchange.record.model = model
  const cancel = new AbortController()
  exchange.onClientGone(() => cancel.abort(new Error('the client is gone')))
  const verdicts: ModerationVerdict[] = []
  for (const content of texts) {
    const { text } = await askChat(
      backend.connection,
      { model, messages: [{ role: 'user', content }], maxTokens: verdictTokensMax, temperature: 0 },
      { timeoutMs: verdictTimeoutMs, signal: cancel.signal },
    )
    const verdict = readGuardVerdict(text)
    if (verdict === undefined) throw noVerdict(model)
    verdicts.push(verdict)
  }
  return verdicts
}

function noVerdict(model: string): LlmrError {
  return new LlmrError(
    'backend_failed',
    `Expected "${model}" to answer safe or unsafe, as guard models do; it said something else. ` +
      'Name a guard model, or set moderates_by: endpoint.',
    { isRetryable: false },
  )
}
