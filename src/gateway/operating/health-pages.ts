import { isLocalCaller } from '../../http/edge.ts'
import type { Exchange } from '../../http/exchange.ts'
import type { Fleet } from '../fleet/fleet.ts'
import type { Recordings } from './recording/recordings.ts'
import type { Residency } from '../fleet/residency.ts'

/** Tells one run of one build from every other: an answer may come from the process one meant to have replaced. */
export interface Identity {
  readonly service: 'llmr'
  readonly version: string
  readonly build: string
  readonly instance_id: string
}

/** Alive: the process answers. Says nothing of backends, so that no orchestrator restarts llmr because an engine is off. */
export function answerLiveness(exchange: Exchange, identity: Identity): void {
  exchange.replyJson(200, { status: 'ok', ...identity })
}

/**
 * Ready: a request could be served now, if need be by an engine that llmr starts for it. Names and states of dependencies are for this machine and for keys with the
 * scope `metrics`; others learn only yes or no.
 */
export function answerReadiness(
  exchange: Exchange,
  parts: {
    identity: Identity
    fleet: Fleet
    residency: Residency | undefined
    isClosing: boolean
    configProblem: string | undefined
    recordings: Pick<Recordings, 'standing'>
  },
): void {
  const { identity, fleet, residency, isClosing, configProblem, recordings } = parts
  const standings = fleet.all.map((backend) => backend.standing())
  const startsModels = (residency?.managed.list.length ?? 0) > 0
  const isServing = !isClosing && (startsModels || standings.some(({ isUp }) => isUp))
  const status = isClosing ? 'closing' : isServing ? 'ready' : 'no backend is up'
  const maySeeDetails = isLocalCaller(exchange)
  exchange.replyJson(isServing ? 200 : 503, {
    status,
    ...identity,
    ...(maySeeDetails && {
      backends: Object.fromEntries(
        standings.map(({ name, status: state, cause, lastError }) => [name, { state, cause, reason: lastError }]),
      ),
      recordings: recordings.standing(),
      config: configProblem === undefined ? { state: 'loaded' } : { state: 'old', reason: configProblem },
    }),
  })
}
