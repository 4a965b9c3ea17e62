import { LlmrError } from '../../core/error.ts'
import type { RequestRecord } from '../../core/request-record.ts'
import type { Exchange } from '../../http/exchange.ts'
import type { ServedConversation } from '../../lifecycle/slots/conversation-saver.ts'
import type { Attempt, AttemptFailure } from '../../resilience/attempt-plan.ts'
import type { AdmissionGate } from './admission-gate.ts'
import { conversationOf } from './conversation-of.ts'
import type { BackendRuntime } from '../fleet/backend-runtime.ts'
import type { Fleet } from '../fleet/fleet.ts'
import type { Intake } from './intake.ts'
import { principalOf } from './principal-of.ts'
import type { Residency } from '../fleet/residency.ts'
import type { StreamPulse } from './stream-pulse.ts'

export type Place =
  /** The request may go now, and `leave` is owed. */
  | {
      readonly kind: 'in'
      readonly backend: BackendRuntime
      leave(): void
      /** Whether this failure was the end of an engine of our own, which can be started again. */
      hasDied(failure: AttemptFailure): boolean | Promise<boolean>
    }
  | { readonly kind: 'gone' }
  /** No place there. `refusal` is what the client hears if there is nowhere else to go. */
  | { readonly kind: 'failed'; readonly failure: AttemptFailure; readonly refusal?: LlmrError }

export interface PlaceParts {
  readonly exchange: Exchange
  readonly intake: Intake
  readonly attempt: Attempt
  readonly fleet: Fleet
  readonly residency: Residency | undefined
  /** Of a stream, which is shown that it waits. */
  readonly pulse?: StreamPulse
}

/**
 * A place for one request at one backend: at once where there is room, else in turn. Where llmr starts the engine
 * itself, taking a place is also what brings the model into memory.
 */
export function takePlace(parts: PlaceParts): Place | Promise<Place> {
  const { exchange, attempt, fleet, residency } = parts
  const { backend: name, model } = attempt.candidate
  if (residency?.managed.has(name) === true) return takeTurn(parts, residency)
  const backend = fleet.get(name)
  if (backend === undefined) return { kind: 'failed', failure: takenAway }

  // Before anything is awaited: whoever is let through as a breaker's trial must be seen to be on its way.
  backend.sent(model, exchange.record.requestId)
  const { gate } = backend
  if (gate === undefined) return { kind: 'in', backend, leave: nothingOwed, hasDied: never }
  if (gate.tryEnter()) return { kind: 'in', backend, leave: () => gate.leave(), hasDied: never }
  return waitForRoom({ gate, backend, exchange, model })
}

function nothingOwed(): void {}

function never(): boolean {
  return false
}

const takenAway: AttemptFailure = { causeClass: 'refused', message: 'The backend was taken out of the configuration.' }
const full: AttemptFailure = { causeClass: 'busy', message: 'The backend works on all it may at once.' }
const goneAgain: AttemptFailure = { causeClass: 'refused', message: 'The engine ended as soon as it was ready.' }

/** Waits at a backend that works on all it may, for as long as a first byte may take. */
async function waitForRoom(parts: {
  gate: AdmissionGate
  backend: BackendRuntime
  exchange: Exchange
  model: string
}): Promise<Place> {
  const { gate, backend, exchange, model } = parts
  exchange.note('waiting', `${backend.settings.name} works on all it may at once`)
  let timer: NodeJS.Timeout | undefined
  const isTurn = await gate.wait((cancel) => {
    timer = setTimeout(cancel, backend.firstByteTimeoutMs)
    exchange.onClientGone(cancel)
  })
  clearTimeout(timer)
  exchange.onClientGone(undefined)
  if (isTurn) return { kind: 'in', backend, leave: () => gate.leave(), hasDied: never }
  backend.lost(model, exchange.record.requestId)
  return exchange.isClientGone ? { kind: 'gone' } : { kind: 'failed', failure: full }
}

async function takeTurn({ exchange, intake, attempt, fleet, pulse }: PlaceParts, residency: Residency): Promise<Place> {
  const { requestId } = exchange.record
  const { backend: name, model } = attempt.candidate
  const { isOnCriticalPath } = intake.classification
  const principal = principalOf(exchange)
  if (!residency.isLoaded(name)) exchange.note('waiting', `${name} is not in memory`)
  const style = intake.loadingState ?? residency.managed.get(name)?.loadingState ?? 'off'
  if (style !== 'off') pulse?.showWait({ style, ask: () => residency.progress(requestId) })
  try {
    const outcome = await residency.entrance.enter({
      requestId,
      model: name,
      lane: isOnCriticalPath ? 'interactive' : 'background',
      principal,
      conversation:
        residency.managed.get(name)?.savesConversations === true
          ? conversationOf({ principal, headers: exchange.request.headers, intake })
          : undefined,
      onCancel: (cancel) => exchange.onClientGone(cancel),
    })
    exchange.onClientGone(undefined)
    if (outcome === 'gone') return { kind: 'gone' }
    pulse?.endWait('ready')
  } catch (error) {
    pulse?.endWait('elsewhere')
    exchange.onClientGone(undefined)
    if (!(error instanceof LlmrError)) throw error
    const { retryAfterSeconds } = error.facts
    return {
      kind: 'failed',
      failure: { causeClass: 'busy', message: error.message, retryAfterSeconds },
      refusal: error,
    }
  }
  const backend = fleet.get(name)
  if (backend === undefined) {
    residency.entrance.leave(requestId)
    return { kind: 'failed', failure: goneAgain }
  }
  exchange.note('admitted', name)
  const admittedAtMs = exchange.elapsedMs()
  backend.sent(model, requestId)
  return {
    kind: 'in',
    backend,
    leave: () => residency.entrance.leave(requestId, replyFacts(exchange.record, admittedAtMs)),
    hasDied: ({ causeClass }) =>
      causeClass === 'died_before_reply' || causeClass === 'refused' ? residency.hasDied(name) : false,
  }
}

/** What a reply has shown of its conversation; nothing when it broke off. */
function replyFacts(
  { isStream, promptTokens, cachedTokens = 0, completionTokens = 0, timeToFirstByteMs }: RequestRecord,
  admittedAtMs: number,
): Omit<ServedConversation, 'conversation'> | undefined {
  if (promptTokens === undefined) return undefined
  const firstByteMs = isStream && timeToFirstByteMs !== undefined ? timeToFirstByteMs - admittedAtMs : undefined
  return { promptTokens, cachedTokens, completionTokens, firstByteMs }
}
