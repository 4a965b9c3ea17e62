import { join } from 'node:path'

import type { Bus } from '../../core/bus.ts'
import type { Clock } from '../../core/clock.ts'
import type { Logger } from '../../core/logger.ts'
import type { RequestRecord } from '../../core/request-record.ts'
import type { SidePathStanding } from '../../core/side-path-standing.ts'
import { BusAccess, type ClosableBus } from '../../events/bus-access.ts'
import { Spool } from '../../events/spool/spool.ts'
import { SpoolSender } from '../../events/spool/spool-sender.ts'
import type { EventName } from '../../events/spool/unconfirmed.ts'
import { subjects } from '../../events/subjects.ts'
import type { Recaller } from '../request/memory/recaller.ts'
import type { Remembering } from '../request/memory/remembering.ts'
import type { StoreAccess } from '../../store/store-access.ts'
import { type RunningWorker, startWorker } from '../../worker-runner.ts'
import type { WorkerDefinition } from '../../core/worker-definition.ts'
import type { WorkerSurroundings } from '../configure/worker-surroundings.ts'
import { runningGateway } from '../configure/own-gateway.ts'
import { SpoolIntake } from './spool-intake.ts'
import { TurnRecorder } from './turn-recorder.ts'

export interface SidePathOptions {
  /** Absent: nobody is remembered. */
  readonly remembering: Remembering | undefined
  /** Hears what was said; absent: nothing is given back. */
  readonly recaller?: Pick<Recaller, 'heard'>
  /** Absent: the store carries the events, and this process works on them. */
  readonly openBroker: (() => Promise<ClosableBus>) | undefined
  readonly store: StoreAccess
  /** What this process works on where there is no broker. */
  readonly workers: (surroundings: Omit<WorkerSurroundings, 'config'>) => readonly WorkerDefinition[]
  readonly dataDirectory: string
  readonly spoolBytesMax: number
  /** When an event is too old to be worked on by anybody. */
  readonly giveUp?: { readonly afterMs: number; readonly now: () => number }
  readonly instanceId: string
  readonly clock: Clock
  readonly logger: Logger
}

const batch = 200

/** What is told of requests after their replies. Nothing of it is ever waited for by a request. */
export class SidePath {
  readonly recorder: TurnRecorder
  readonly #options: SidePathOptions
  readonly #spool: Spool
  readonly #intake: SpoolIntake
  readonly #sender: SpoolSender
  readonly #broker: BusAccess | undefined
  readonly #workers: readonly RunningWorker[]
  /** Those that ask models. */
  readonly #askers: readonly RunningWorker[]
  /** What could not even be said. */
  #failed = 0
  #closing: Promise<void> | undefined

  /** @throws the system's error when the spool's folder cannot be used */
  constructor(options: SidePathOptions) {
    const { remembering, recaller, openBroker, store, dataDirectory, spoolBytesMax, instanceId, clock, logger } =
      options
    this.#options = options
    this.#spool = new Spool({ folder: join(dataDirectory, 'spool'), bytesMax: spoolBytesMax, runName: instanceId })
    this.#broker = openBroker && new BusAccess(openBroker)
    const bus = (): Promise<Bus> => this.bus()
    const confirm = openBroker && ((events: readonly EventName[]) => confirmedIn(store, events))
    this.#sender = new SpoolSender({ spool: this.#spool, bus, confirm, giveUp: options.giveUp, clock, logger })
    this.#intake = new SpoolIntake({ spool: this.#spool, onKept: () => this.#sender.wake(), clock, logger })
    this.recorder = new TurnRecorder({
      remembering,
      source: { instanceId },
      spool: this.#intake,
      onTurn: (turn) => recaller?.heard(turn),
      attempt: (requestId, work) => this.#attempt(requestId, work),
    })
    const ownGateway = () => runningGateway(dataDirectory)
    const definitions = openBroker === undefined ? options.workers({ store, bus, ownGateway }) : []
    this.#workers = definitions.map((definition) => startWorker({ definition, bus, batch, concurrency: 1, logger }))
    this.#askers = this.#workers.filter((_, index) => definitions[index]?.close !== undefined)
  }

  /** Called when the reply is over. Takes some microseconds, and never throws. */
  tell(record: RequestRecord): void {
    this.#attempt(record.requestId, () => this.recorder.tell(record))
  }

  /** That events go to. Rejects while it cannot be reached. */
  async bus(): Promise<Bus> {
    return this.#broker?.opened() ?? (await this.#options.store.opened()).bus
  }

  standing(): SidePathStanding {
    const { published, refused } = this.#sender.counts
    const { oldestAtMs } = this.#spool
    return {
      published,
      spoolBytes: this.#spool.bytes,
      spoolWaiting: this.#spool.waiting,
      spoolUnsettled: this.#spool.unsettled,
      spoolOldestMs: oldestAtMs === undefined ? 0 : Math.max(0, this.#options.clock.now() - oldestAtMs),
      droppedTurns: this.#intake.dropped.turns + this.#failed + refused,
      droppedLineage: this.#intake.dropped.lineage,
      counters: this.#workers.flatMap((worker) => worker.standing().counters),
    }
  }

  /**
   * Ends the workers that ask models, perhaps through this very gateway: it would wait for their replies before it ends.
   * What they were at is done after the next start. May be called twice.
   */
  async endAskers(): Promise<void> {
    await Promise.all(this.#askers.map((worker) => worker.close()))
  }

  /** Waits for what is in hand; what has not been sent stays in the spool. May be called twice. */
  close(): Promise<void> {
    return (this.#closing ??= this.#close())
  }

  async #close(): Promise<void> {
    this.#intake.close()
    await Promise.all(this.#workers.map((worker) => worker.close()))
    await this.#sender.close()
    this.#spool.close()
    await this.#broker?.close()
  }

  #attempt(requestId: string, work: () => void): void {
    try {
      work()
    } catch (error) {
      this.#failed += 1
      this.#options.logger.error({ request_id: requestId, err: error }, 'what happened could not be told')
    }
  }
}

/** A broker may lose what it has taken; a turn that is in the store is safe. Lineage may be lost. */
async function confirmedIn(store: StoreAccess, events: readonly EventName[]): Promise<readonly EventName[]> {
  const turns = events.filter(({ subject }) => subject === subjects.persist)
  const { turns: table } = await store.opened()
  const known = await table.known(turns.map(requestIdOf))
  return events.filter((event) => event.subject !== subjects.persist || known.has(requestIdOf(event)))
}

function requestIdOf({ id }: EventName): string {
  return id.slice(0, id.indexOf('/'))
}
