import { gibibytes, rate, span, timeOfDay } from './amounts.ts'
import { tokenRateOf } from './token-rates.ts'
import type { PartColor } from './screen-line.ts'
import type { Cell, TopTable } from './top-table.ts'
import type { TopBackend, TopModel, TopRequest, TopSnapshot, TopWaiter } from './top-snapshot.ts'

/** A snapshot as tables, those that have something to say. */
export function topTables(snapshot: TopSnapshot): readonly TopTable[] {
  const { models, backends, queue, requests, pools } = snapshot
  const largest = Math.max(1, ...pools.map(({ sizeBytes }) => sizeBytes))
  return [
    ...(models.length > 0 ? [modelTable(models, largest)] : []),
    ...(backends.length > 0 ? [backendTable(backends, models.length > 0 ? 4 : 1)] : []),
    ...(queue.length > 0 ? [queueTable(queue)] : []),
    ...(requests.length > 0 ? [requestTable(requests)] : []),
  ]
}

function modelTable(models: readonly TopModel[], largestPoolBytes: number): TopTable {
  const inMemory = models.filter(({ phase }) => phase !== 'absent').length
  return {
    title: 'MODELS',
    rank: 1,
    note: `${inMemory} of ${models.length} in memory`,
    columns: [
      { title: '' },
      { title: 'model', isElastic: true },
      { title: 'state' },
      { title: 'at work', align: 'right' },
      { title: 'waiting', align: 'right' },
      { title: 'memory', align: 'right' },
      { title: '' },
      { title: 'idle', align: 'right' },
    ],
    rows: models.toSorted(byPresence).map((model) => {
      const color = colorOf(model)
      const isThere = model.phase !== 'absent'
      return [
        { text: isThere ? '●' : '○', color },
        { text: model.name },
        { text: stateOf(model), color },
        { text: isThere ? `${model.running} of ${model.slots}` : '', color: model.running > 0 ? undefined : 'gray' },
        count(model.queued, 'yellow'),
        { text: model.sizeBytes > 0 ? `${gibibytes(model.sizeBytes)} GiB` : '', color: isThere ? undefined : 'gray' },
        { text: isThere ? bar(model.sizeBytes / largestPoolBytes, barCells) : '', color: 'green' },
        { text: model.idleMs === undefined ? '' : span(model.idleMs), color: 'gray' },
      ]
    }),
  }
}

const barCells = 16

/** Those in memory first, then those that somebody waits for; by name among equals. */
function byPresence(one: TopModel, other: TopModel): number {
  const rank = ({ phase, queued }: TopModel): number => (phase !== 'absent' ? 0 : queued > 0 ? 1 : 2)
  return rank(one) - rank(other) || one.name.localeCompare(other.name)
}

function stateOf({ phase, isPinned, loadedShare, retryInMs }: TopModel): string {
  const pin = isPinned ? ', pinned' : ''
  if (retryInMs !== undefined) return `failed, again in ${span(retryInMs)}`
  switch (phase) {
    case 'absent':
      return `on disk${pin}`
    case 'loading':
      return loadedShare === undefined ? 'loading' : `loading ${bar(loadedShare, 8)}`
    case 'closing':
      return 'finishing'
    default:
      return `${phase}${pin}`
  }
}

function colorOf({ phase, retryInMs }: TopModel): PartColor {
  if (retryInMs !== undefined) return 'red'
  if (phase === 'ready') return 'green'
  return phase === 'absent' ? 'gray' : 'yellow'
}

function backendTable(backends: readonly TopBackend[], rank: number): TopTable {
  return {
    title: 'BACKENDS',
    rank,
    columns: [
      { title: '' },
      { title: 'backend', isElastic: true },
      { title: 'kind' },
      { title: 'state' },
      { title: 'at work', align: 'right' },
      { title: 'waiting', align: 'right' },
    ],
    rows: backends.map(({ name, kind, status, cause, inflight, waiting }) => {
      const color = status === 'healthy' ? 'green' : status === 'down' ? 'red' : 'yellow'
      return [
        { text: '●', color },
        { text: name },
        { text: kind, color: 'gray' },
        { text: cause === undefined ? status : `${status}: ${cause}`, color },
        count(inflight),
        count(waiting, 'yellow'),
      ]
    }),
  }
}

function queueTable(queue: readonly TopWaiter[]): TopTable {
  const overdue = queue.filter(({ isOverdue }) => isOverdue).length
  return {
    title: 'QUEUE',
    rank: 2,
    note: `${queue.length} waiting${overdue > 0 ? `, ${overdue} overdue` : ''}`,
    columns: [
      { title: '', align: 'right' },
      { title: 'model', isElastic: true },
      { title: 'asked by', isElastic: true },
      { title: 'waited', align: 'right' },
      { title: 'left', align: 'right' },
      { title: '' },
    ],
    rows: queue.map(({ position, model, principal, waitedMs, withinMs, lane, isOverdue }) => [
      { text: `#${position}`, color: 'gray' },
      { text: model },
      { text: principal },
      { text: span(waitedMs), color: isOverdue ? 'red' : undefined },
      { text: `~${span(withinMs)}`, color: 'cyan' },
      { text: lane === 'interactive' ? '' : lane, color: 'gray' },
    ]),
  }
}

function requestTable(requests: readonly TopRequest[]): TopTable {
  return {
    title: 'LAST REQUESTS',
    rank: 3,
    columns: [
      { title: 'time' },
      { title: 'result' },
      { title: 'model', isElastic: true },
      { title: 'took', align: 'right' },
      { title: 'first byte', align: 'right' },
      { title: 'in', align: 'right' },
      { title: 'out', align: 'right' },
      { title: 'tok/s', align: 'right' },
      { title: 'asked by', isElastic: true },
    ],
    rows: requests.map((request) => {
      const tokensPerSecond = tokenRateOf(request)
      return [
        { text: timeOfDay(request.startedAtMs), color: 'gray' },
        resultOf(request),
        { text: request.model },
        { text: span(request.durationMs) },
        { text: request.firstByteMs === undefined ? '' : span(request.firstByteMs), color: 'gray' },
        { text: String(request.promptTokens ?? '') },
        { text: String(request.completionTokens ?? '') },
        { text: tokensPerSecond === undefined ? '' : rate(tokensPerSecond), color: 'green' },
        { text: request.principal, color: 'gray' },
      ]
    }),
  }
}

function resultOf({ status, errorCode, isClientGone }: TopRequest): Cell {
  if (isClientGone) return { text: 'client left', color: 'yellow' }
  if (errorCode !== undefined) return { text: `${status} ${errorCode}`, color: 'red' }
  return { text: String(status), color: status < 400 ? 'green' : 'red' }
}

function count(value: number, color?: PartColor): Cell {
  return { text: String(value), color: value === 0 ? 'gray' : color }
}

/** Never empty for what is there, and full only for what is whole. */
export function bar(share: number, cells: number): string {
  const filled = Math.min(cells, Math.max(share > 0 ? 1 : 0, Math.floor(Math.min(1, share) * cells)))
  return '━'.repeat(filled) + '╌'.repeat(cells - filled)
}
