import type { UpstreamRequest } from '../../backends/connection.ts'
import type { ToolcallsConfig } from '../../config/schema.ts'
import type { Clock } from '../../core/clock.ts'
import type { LlmrError } from '../../core/error.ts'
import type { Logger } from '../../core/logger.ts'
import type { Metrics } from '../../core/metrics.ts'
import { isTextCompletion, type Operation } from '../../core/operation.ts'
import type { Exchange } from '../../http/exchange.ts'
import type { Attempt, AttemptPlan, FailedAttempt } from '../../resilience/attempt-plan.ts'
import { nextAttempt } from '../../resilience/next-attempt.ts'
import type { ChantWatch } from '../../toolcalls/loop/chant-watch.ts'
import type { BackendRuntime } from '../fleet/backend-runtime.ts'
import type { Fleet } from '../fleet/fleet.ts'
import type { LaneBook } from '../lanes/lane-book.ts'
import type { Recordings } from '../operating/recording/recordings.ts'
import type { Intake } from './intake.ts'
import type { KeptReplies } from './kept-replies.ts'
import { relayReply } from './relay-reply.ts'
import type { RelayOutcome } from './reply/relay-options.ts'
import { joinWitnesses } from './reply/join-witnesses.ts'
import { replyKeeper } from './reply-keeper.ts'
import { replyShaper } from './reply-shaper.ts'
import { ReplyTranslation, type RoundListener } from './reply-translation.ts'
import type { Residency } from '../fleet/residency.ts'
import { takeCourse } from './toolcalls/take-course.ts'
import { cutFor, watchChants } from './toolcalls/watch-chants.ts'
import { followUp, takeLane } from './toolcalls/take-lane.ts'
import { laneAfterFailure } from './toolcalls/lane-after-failure.ts'
import type { LaneChoice, TakenLane } from './toolcalls/taken-lane.ts'
import type { StreamPulses } from './stream-pulse.ts'
import { noteLostFollowUp, settleAttempt } from './settle-attempt.ts'
import { takePlace } from './take-place.ts'
import { adapterFor, upstreamRequest } from './upstream-request.ts'
import type { TurnRecorder } from '../side/turn-recorder.ts'

export interface ForwardParts {
  readonly fleet: Fleet
  /** The models that llmr itself starts; absent when there are none. */
  readonly residency: Residency | undefined
  readonly pulses: StreamPulses
  /** Replies that their clients may come back to. */
  readonly replies: KeptReplies
  readonly toolcalls: ToolcallsConfig
  readonly lanes: LaneBook
  /** Hears replies of which something is kept; absent: nobody does. */
  readonly recorder: Pick<TurnRecorder, 'watch' | 'sent'> | undefined
  /** Hears what an operator asked to have recorded. */
  readonly recordings: Pick<Recordings, 'see' | 'hear'>
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: Metrics
  readonly instanceId: string
}

/**
 * Sends a request where it was routed, and on to the next backend as long as no byte of a reply has reached the client.
 * Returns when the client has its reply, or is gone.
 *
 * @throws LlmrError what to tell the client when no backend served it
 */
export async function forwardRequest(
  exchange: Exchange,
  intake: Intake,
  plan: AttemptPlan,
  reasonOf: (attempt: Attempt) => string,
  parts: ForwardParts,
): Promise<void> {
  const failed: FailedAttempt[] = []
  let refusal: LlmrError | undefined
  let hasRestarted = false
  const pulse = intake.request.isStream && canStream(intake.operation) ? parts.pulses.watch(exchange) : undefined
  try {
    for (;;) {
      const step = nextAttempt(plan, failed, parts.clock.monotonic())
      if (step.type === 'stop') throw failed.length === 1 && refusal !== undefined ? refusal : step.error
      const { attempt } = step
      const taken = takePlace({ exchange, intake, attempt, fleet: parts.fleet, residency: parts.residency, pulse })
      const place = taken instanceof Promise ? await taken : taken
      if (place.kind === 'gone') return
      if (place.kind === 'failed') {
        ;({ refusal } = place)
        failed.push({ attempt, failure: place.failure })
        continue
      }
      const { backend } = place
      const startedAtMs = exchange.elapsedMs()
      let outcome: RelayOutcome
      let hasDied = false
      try {
        outcome = await tryBackend({ exchange, intake, attempt, backend, reason: reasonOf(attempt), pulse, parts })
        // Known before the place is left: the next in turn must not be sent to an engine that is dying.
        if (outcome.kind === 'failed') hasDied = await place.hasDied(outcome.failure)
      } catch (fault) {
        backend.lost(attempt.candidate.model, exchange.record.requestId)
        throw fault
      } finally {
        place.leave()
      }
      const failure = settleAttempt({ exchange, attempt, backend, outcome, startedAtMs, parts })
      if (failure === undefined) return
      if (hasDied && !hasRestarted) {
        // Our own engine died under it, and no byte was sent: once more, on a fresh one.
        hasRestarted = true
        continue
      }
      failed.push({ attempt, failure })
    }
  } finally {
    if (pulse !== undefined) parts.pulses.stop(pulse)
  }
}

interface Try {
  readonly exchange: Exchange
  readonly intake: Intake
  readonly attempt: Attempt
  readonly backend: BackendRuntime
  readonly reason: string
  readonly pulse: ReturnType<StreamPulses['watch']> | undefined
  readonly parts: ForwardParts
  /** The way to the model that was taken before has failed. */
  readonly instead?: LaneChoice
}

async function tryBackend(attempted: Try): Promise<RelayOutcome> {
  const { exchange, intake, attempt, backend, reason, pulse, parts, instead } = attempted
  const { record } = exchange
  const { candidate } = attempt
  const startedAtMs = exchange.elapsedMs()
  record.backend = candidate.backend
  record.model = candidate.model
  record.reason = reason
  exchange.note('sent', `${candidate.backend} ${candidate.model}`)
  const { toolcalls, logger, metrics } = parts
  const abilities = adapterFor(backend).chat(backend.settings)
  const asked = { exchange, intake, candidate, backend, parts, instead }
  const taken = takeLane(asked)
  const onLane = taken instanceof Promise ? await taken : taken
  const lane = takeCourse(exchange, intake, onLane, { toolcalls, logger, metrics, candidate, abilities })
  const chants = watchChants(exchange, lane.intake, candidate, parts)
  const write = (written: Intake): UpstreamRequest =>
    upstreamRequest({ exchange, intake: written, candidate, backend, parts })
  const request = lane.prompt?.request ?? write(lane.intake)
  const heard = parts.recordings.hear(exchange, { lane, candidate, abilities, isInstead: instead !== undefined })
  const outcome = await relayReply({
    exchange,
    connection: backend.connection,
    url: backend.settings.url + request.path,
    request,
    replyHeaders: [
      'x-llmr-backend',
      candidate.backend,
      'x-llmr-model',
      headerSafe(candidate.model),
      'x-llmr-route',
      reason,
      ...(lane.name === 'native' ? [] : ['x-llmr-lane', lane.name]),
    ],
    isStream: intake.request.isStream,
    pulse,
    reshape: replyShaper(intake, () => exchange.elapsedMs()),
    translation: translationFor(exchange, lane, { chants, listener: heard }, parts),
    cut: chants && lane.chat === undefined ? cutFor(chants, intake) : undefined,
    writeFollowUp: (ask) => followUp(lane, ask, write),
    onFollowUpFailed: (failure) => noteLostFollowUp({ exchange, candidate, parts }, failure),
    witness: joinWitnesses(
      joinWitnesses(parts.recorder?.watch(exchange), lane.chat === undefined ? heard : undefined),
      lane.witness,
    ),
    onFirstByte: () => backend.replied(candidate.model, record.requestId, exchange.elapsedMs() - startedAtMs),
  })
  const next = laneAfterFailure(outcome, onLane, asked)
  return next === undefined ? outcome : tryBackend({ ...attempted, instead: next })
}

/** One for each attempt: what an engine said before it broke off is forgotten. The voice goes on, it is the client's. */
function translationFor(
  exchange: Exchange,
  { intake: { request, approximateTokens: promptTokens }, chat, stage }: TakenLane,
  { chants, listener }: { readonly chants: ChantWatch | undefined; readonly listener: RoundListener | undefined },
  { replies, logger }: ForwardParts,
): ReplyTranslation | undefined {
  if (chat === undefined) return undefined
  const model = request.model ?? exchange.record.model ?? ''
  const keep = chat.keep && replyKeeper({ exchange, keep: chat.keep, replies, logger, model })
  const { voice, dialect } = exchange
  return new ReplyTranslation({
    chat,
    voice,
    model,
    streamType: dialect.streamType,
    keep,
    stage,
    chants,
    promptTokens,
    listener,
  })
}

function canStream(operation: Operation): boolean {
  return operation === 'chat' || isTextCompletion(operation)
}

/** Model names are the engine's; a header holds only visible ASCII. */
function headerSafe(text: string): string {
  return /^[\x20-\x7e]*$/.test(text) ? text : encodeURIComponent(text.toWellFormed())
}
