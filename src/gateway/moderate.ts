import { askChat } from '../backends/ask-chat.ts'
import { BackendFailure } from '../backends/failure.ts'
import { LlmrError } from '../core/error.ts'
import {
  type ModerationVerdict,
  readGuardVerdict,
  readModerationInput,
  writeModeration,
} from '../dialects/openai/moderation.ts'
import type { Exchange } from '../http/exchange.ts'
import type { Attempt, FailedAttempt } from '../resilience/attempt-plan.ts'
import { nextAttempt } from '../resilience/next-attempt.ts'
import type { Catalogue } from '../routing/catalogue.ts'
import { forwardRequest } from './forward-request.ts'
import type { Intake } from './intake.ts'
import type { RoutePlan } from './router.ts'
import type { ServeParts } from './serve-operation.ts'

/** A guard answers in a line; one that talks is no guard. */
const verdictTokensMax = 64
const verdictTimeoutMs = 60_000

/**
 * Judges texts: by a backend's moderation endpoint, whose reply passes as it is, or by a guard model that answers in
 * chat. Which one is the catalogue's word.
 *
 * @throws LlmrError `not_supported` when nothing here can moderate
 */
export async function moderate(exchange: Exchange, intake: Intake, parts: ServeParts): Promise<void> {
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

async function judgeByChat(exchange: Exchange, intake: Intake, route: RoutePlan, parts: ServeParts): Promise<void> {
  const texts = readModerationInput(intake.request.json ?? {})
  const failed: FailedAttempt[] = []
  for (;;) {
    const step = nextAttempt(route.plan, failed, parts.clock.monotonic())
    if (step.type === 'stop') throw step.error
    try {
      const verdicts = await askGuard(exchange, step.attempt, texts, parts)
      const { requestId } = exchange.record
      exchange.replyJson(200, writeModeration({ requestId, model: step.attempt.model, verdicts }))
      return
    } catch (error) {
      if (exchange.isClientGone) return
      if (!(error instanceof BackendFailure)) throw error
      failed.push({ attempt: step.attempt, failure: error })
    }
  }
}

/** One text after the other: a small guard has one slot, and a long list must not take every one of a large one. */
async function askGuard(
  exchange: Exchange,
  { candidate }: Attempt,
  texts: readonly string[],
  { fleet }: ServeParts,
): Promise<ModerationVerdict[]> {
  const { record } = exchange
  record.backend = candidate.backend
  record.model = candidate.model
  const connection = fleet.get(candidate.backend)?.connection
  if (connection === undefined) throw new BackendFailure('refused', 'The backend was taken away.', { url: '' })
  const cancel = new AbortController()
  exchange.onClientGone(() => cancel.abort(new Error('the client is gone')))
  const verdicts: ModerationVerdict[] = []
  for (const content of texts) {
    const { text } = await askChat(
      connection,
      { model: candidate.model, messages: [{ role: 'user', content }], maxTokens: verdictTokensMax, temperature: 0 },
      { timeoutMs: verdictTimeoutMs, signal: cancel.signal },
    )
    const verdict = readGuardVerdict(text)
    if (verdict === undefined) throw noVerdict(candidate.model)
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
