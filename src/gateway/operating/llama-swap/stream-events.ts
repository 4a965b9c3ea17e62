import type { GatewayState } from '../../../core/gateway-state.ts'
import type { Exchange } from '../../../http/exchange.ts'
import type { LineTail } from '../../../telemetry/line-tail.ts'
import type { RecentRequests } from '../../../telemetry/recent-requests.ts'
import type { Residency } from '../../fleet/residency.ts'
import type { Router } from '../../request/router.ts'
import type { OpenStreams } from '../open-streams.ts'
import type { StateFeed } from '../state/state-feed.ts'
import { logLines, logSources } from './log-sources.ts'
import { modelStatuses } from './model-status.ts'
import { requestsAtWork } from './requests-at-work.ts'

export interface EventParts {
  readonly residency: Residency | undefined
  readonly router: Router
  readonly state: StateFeed
  readonly recent: RecentRequests
  /** Those that have not ended. */
  readonly exchanges: Iterable<Exchange>
  readonly ownLog: LineTail
  readonly openLogs: OpenStreams
}

/**
 * llama-swap's event stream, from which its page and other programs draw: how models stand, what is logged, which
 * requests are at work and which have ended. First all of it, then what changes, until the client leaves or the gateway
 * closes. Who takes nothing misses lines of logs, and gets everything else anew.
 *
 * @throws LlmrError when there are too many streams
 */
export function streamEvents(exchange: Exchange, parts: EventParts): void {
  const { state, recent, openLogs } = parts
  const follows: (() => void)[] = []
  openLogs.add(exchange, () => {
    for (const stop of follows) stop()
  })
  const teller = new EventTeller(exchange, parts)
  exchange.record.isStream = true
  exchange.beginEventStream()
  exchange.onDrain(() => teller.goOn())
  teller.tellAll()
  const heartbeat = setInterval(() => exchange.write(exchange.dialect.keepAlive.comment), heartbeatMs).unref()
  follows.push(
    () => clearInterval(heartbeat),
    state.watch(() => teller.tellChanges()),
    recent.follow((id) => teller.send('activity', { id })),
    ...logSources('proxy', parts).map((source) => source.follow(({ text }) => teller.tellLog('proxy', `${text}\n`))),
    ...logSources('upstream', parts).map((log) => log.follow(({ text }) => teller.tellLog('upstream', `${text}\n`))),
  )
}

/** Well below the minute of silence after which proxies hang up. */
const heartbeatMs = 10_000

type EventType = 'modelStatus' | 'logData' | 'activity' | 'inflight' | 'uiConfig' | 'profileChanged'

/** What one client has been told. */
class EventTeller {
  readonly #exchange: Exchange
  readonly #parts: EventParts
  #hasRoom = true
  #models = ''
  #atWork: ReturnType<typeof requestsAtWork> = new Map()

  constructor(exchange: Exchange, parts: EventParts) {
    this.#exchange = exchange
    this.#parts = parts
  }

  tellAll(): void {
    for (const source of ['proxy', 'upstream'] as const) {
      this.tellLog(source, logLines(logSources(source, this.#parts)).join(''))
    }
    this.#tellModels(this.#parts.state.current())
    this.send('uiConfig', { activity: { session_id: [] } })
    this.send('profileChanged', { active: null })
    this.#tellRequests()
  }

  tellChanges(): void {
    if (!this.#hasRoom) return
    this.#tellModels(this.#parts.state.current())
    const before = this.#atWork
    this.#atWork = requestsAtWork(this.#parts.exchanges)
    for (const [id, request] of this.#atWork) {
      if (before.get(id)?.resp_bytes !== request.resp_bytes) this.send('inflight', { operation: 'upsert', request })
    }
    for (const id of before.keys()) if (!this.#atWork.has(id)) this.send('inflight', { operation: 'remove', id })
  }

  tellLog(source: 'proxy' | 'upstream', data: string): void {
    if (this.#hasRoom) this.send('logData', { source, data })
  }

  /** It takes again what it is sent. */
  goOn(): void {
    this.#hasRoom = true
    this.#models = ''
    this.#tellModels(this.#parts.state.current())
    this.#tellRequests()
  }

  /** As there: a message whose data is JSON in a text. */
  send(type: EventType, data: object): void {
    const message = JSON.stringify({ type, data: JSON.stringify(data) })
    this.#hasRoom = this.#exchange.write(`event:message\ndata:${message}\n\n`)
  }

  #tellModels(state: GatewayState): void {
    const { router, residency } = this.#parts
    const isOwn = (model: string): boolean => residency?.managed.has(model) === true
    const statuses = modelStatuses(state, { listed: router.catalogue.list(), isOwn })
    const models = JSON.stringify(statuses)
    if (models === this.#models) return
    this.#models = models
    this.send('modelStatus', statuses)
  }

  #tellRequests(): void {
    this.#atWork = requestsAtWork(this.#parts.exchanges)
    this.send('inflight', { operation: 'snapshot', requests: [...this.#atWork.values()] })
  }
}
