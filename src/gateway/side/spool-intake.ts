import type { BusEvent } from '../../core/bus.ts'
import type { Clock } from '../../core/clock.ts'
import type { Logger } from '../../core/logger.ts'
import type { SpoolBeginning } from '../../events/spool/spool-entry.ts'
import type { Appended, Spool } from '../../events/spool/spool.ts'
import { subjects } from '../../events/subjects.ts'

export interface SpoolIntakeOptions {
  readonly spool: Pick<Spool, 'append' | 'begin' | 'finish' | 'sync' | 'bytes'>
  /** There is something new in the spool. */
  readonly onKept: () => void
  readonly clock: Pick<Clock, 'monotonic'>
  readonly logger: Logger
}

type Kind = 'turns' | 'lineage'

/** A loss of power may take as much with it. */
const syncEveryMs = 50
/** Nothing was dropped for so long: it is over. Else a spool at its bound would say so again and again. */
const calmMs = 5_000

/** The way into the spool: what finds no room there is counted, and said once. */
export class SpoolIntake {
  readonly dropped: Record<Kind, number> = { turns: 0, lineage: 0 }
  readonly #options: SpoolIntakeOptions
  /** What was said already. */
  readonly #troubles = new Set<'full' | 'nearly-full' | 'disk'>()
  #lastDroppedMs = 0
  #syncTimer: NodeJS.Timeout | undefined

  constructor(options: SpoolIntakeOptions) {
    this.#options = options
  }

  /** Of a turn, as JSON. What finds no room now may find some with the rest. */
  begin(text: string): SpoolBeginning {
    return this.#options.spool.begin(text)
  }

  finish(beginning: SpoolBeginning, rest: string): void {
    this.#note('turns', this.#options.spool.finish(beginning, rest, 'must'))
  }

  /** Anything but turns may be dropped when the spool is so full that those need what is left. */
  append(event: BusEvent): void {
    const isTurn = event.subject === subjects.persist
    this.#note(isTurn ? 'turns' : 'lineage', this.#options.spool.append(event, isTurn ? 'must' : 'may'))
  }

  /** May be called twice. */
  close(): void {
    clearTimeout(this.#syncTimer)
  }

  #note(kind: Kind, outcome: Appended): void {
    if (outcome === 'kept') this.#kept()
    else this.#dropped(kind, outcome)
  }

  #kept(): void {
    const { onKept, spool, clock, logger } = this.#options
    if (this.#troubles.size > 0 && clock.monotonic() - this.#lastDroppedMs >= calmMs) {
      this.#troubles.clear()
      logger.info({}, 'the spool has room for events again')
    }
    onKept()
    this.#syncTimer ??= setTimeout(() => {
      this.#syncTimer = undefined
      spool.sync()
    }, syncEveryMs).unref()
  }

  #dropped(kind: Kind, outcome: Exclude<Appended, 'kept'>): void {
    this.dropped[kind] += 1
    if (outcome === 'too-large') return
    const { spool, clock, logger } = this.#options
    this.#lastDroppedMs = clock.monotonic()
    const trouble = outcome !== 'full' ? 'disk' : kind === 'turns' ? 'full' : 'nearly-full'
    if (this.#troubles.has(trouble)) return
    this.#troubles.add(trouble)
    const fields = { spool_bytes: spool.bytes, ...(outcome !== 'full' && { err: outcome.refused }) }
    logger.warn(fields, said[trouble])
  }
}

const said = {
  'nearly-full': 'the spool is nearly full; lineage is dropped until the bus takes some',
  full: 'the spool is full; events are dropped until the bus takes some',
  disk: 'the disk takes no more of the spool; events are dropped until it does',
} as const
