import type { RelayOutcome } from '../reply/relay-options.ts'
import { adapterFor } from '../upstream-request.ts'
import type { LaneChoice, LaneRequest, TakenLane } from './taken-lane.ts'

/**
 * The lane to take instead at the same backend, where the way was at fault and not the engine: it could not read the
 * model's calls, which llmr can, or not make a grammar of what it was sent. No byte has reached the client.
 */
export function laneAfterFailure(
  outcome: RelayOutcome,
  { name, isHeld }: TakenLane,
  { exchange, intake, candidate, backend, parts, instead }: LaneRequest,
): LaneChoice | undefined {
  if (outcome.kind !== 'failed' || exchange.isClientGone || intake.operation !== 'chat') return undefined
  const { status = 0, message: told, engineMessage = '' } = outcome.failure
  const message = `${told} ${engineMessage}`
  if (isHeld?.() === true && status >= 400 && isAboutForm.test(message)) {
    parts.lanes.findsFault(backend, candidate.model, 'refused')
    exchange.note('grammar-refused')
    return { name, reason: 'the engine refused the grammar' }
  }
  const hasTools = (intake.outline?.toolNames.length ?? 0) > 0
  if (instead !== undefined || !hasTools || status < 500 || !isLostCall.test(message)) return undefined
  if (name !== 'native' && name !== 'checked') return undefined
  parts.lanes.sees(backend, candidate.model, { lane: name, sign: 'server-error' })
  if (adapterFor(backend).prompted === undefined) return undefined
  return { name: 'raw', reason: 'the engine could not read the reply of its model' }
}

/** Of a grammar, or of what other engines call one. */
const isAboutForm = /gramma|trigger|structur/i

/** In llama-server's words. */
const isLostCall = /failed to parse|parse error|unexpected empty grammar stack/i
