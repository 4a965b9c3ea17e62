import { formatTable } from './table.ts'

interface ModelRow {
  readonly name: string
  readonly phase: string
  readonly running: number
  readonly queued: number
  readonly slots: number
  readonly isPinned: boolean
  readonly idleMs?: number
  readonly retryInMs?: number
  readonly expectedLoadMs: number
}

interface Queue {
  readonly models: readonly ModelRow[]
  readonly pools: readonly { readonly name: string; readonly sizeBytes: number; readonly usedBytes: number }[]
  readonly queue: readonly unknown[]
}

/** The gateway's own answer, so its shape is taken as it is. */
export function formatModels(reply: unknown): string {
  const { models, pools, queue } = reply as Queue
  const rows = models.map((model) => [
    model.name,
    model.isPinned ? `${model.phase}, pinned` : model.phase,
    `${model.running}/${model.slots}`,
    String(model.queued),
    seconds(model.idleMs),
    seconds(model.expectedLoadMs),
    model.retryInMs === undefined ? '' : `failed, again in ${seconds(model.retryInMs)}`,
  ])
  const memory = pools.map(
    ({ name, sizeBytes, usedBytes }) => `${name} ${gibibytes(usedBytes)} of ${gibibytes(sizeBytes)} GiB`,
  )
  return [
    formatTable(['MODEL', 'STATE', 'RUNNING', 'WAITING', 'IDLE', 'LOAD', ''], rows),
    '',
    `memory   ${memory.join(', ')}`,
    `waiting  ${queue.length}`,
  ].join('\n')
}

function seconds(milliseconds: number | undefined): string {
  return milliseconds === undefined ? '' : `${(milliseconds / 1000).toFixed(1)} s`
}

function gibibytes(bytes: number): string {
  return (bytes / 1024 ** 3).toFixed(1)
}
