import { createDispatcher } from './dispatch.ts'
import type { Engine } from './engine.ts'
import { EngineCounters } from './engine-counters.ts'
import { engineSettings } from './engine-options.ts'
import type { SimulatedEngineOptions } from './engine-options.ts'
import { FaultBoard } from './fault-board.ts'
import type { ActiveFault } from './fault-board.ts'
import type { Fault, FaultType } from './fault.ts'
import { Listener } from './listener.ts'
import { Loading } from './loading.ts'
import { Outage } from './outage.ts'
import { delay, Pace } from './pace.ts'
import { RequestLog } from './request-log.ts'
import type { ReceivedRequest } from './request-log.ts'
import { hashText, seededRandom } from './seeded-random.ts'
import { SlotPool } from './slot-pool.ts'

/**
 * Starts an engine that speaks llama-server's HTTP and runs no model: what it says is composed, seeded and says so, how
 * long it takes is reckoned, and how it fails is up to whoever started it.
 *
 * @throws the socket's error, such as `EADDRINUSE`.
 */
export async function startSimulatedEngine(options: SimulatedEngineOptions = {}): Promise<SimulatedEngine> {
  const settings = engineSettings(options)
  const log = new RequestLog()
  const loading = new Loading()
  const faults = new FaultBoard()
  const closing = new AbortController()

  const addFault = async (fault: Fault): Promise<void> => {
    faults.add(fault)
    if (fault.type === 'refuse') await outage.begin(fault.durationMs)
  }
  const clearFaults = async (): Promise<void> => {
    faults.clear()
    await outage.end()
  }
  const close = async (): Promise<void> => {
    closing.abort()
    outage.close()
    loading.close()
    log.close()
    await listener.close()
  }

  const engine: Engine = {
    settings,
    faults,
    pool: new SlotPool(settings.slots),
    pace: new Pace(settings),
    counters: new EngineCounters(),
    createdSeconds: () => Math.floor(settings.clock.now() / 1000),
    nextId: seededIds(settings.seed),
    addFault,
    clearFaults,
  }
  const handle = createDispatcher({ engine, log, loading })
  const listener = new Listener({ host: settings.host, port: settings.port, handle })
  const outage = new Outage({ listener, print: settings.print, onEnd: () => faults.clear('refuse') })

  await listener.open()
  for (const fault of options.faults ?? []) await addFault(fault)
  void load({ engine, loading, signal: closing.signal, crash: options.onCrash ?? (() => void close()) })

  return {
    url: `http://${settings.host.includes(':') ? `[${settings.host}]` : settings.host}:${listener.port}`,
    port: listener.port,
    requests: log.requests,
    control: {
      addFault,
      clearFaults,
      get faults() {
        return faults.list()
      },
      takeFault: (type) => faults.take(type),
      startLoading: () => loading.start(),
      finishLoading: () => loading.finish(),
      get loaded() {
        return loading.loaded
      },
    },
    waitForRequest: (matches = () => true) => log.waitFor(matches),
    close,
  }
}

/** A running simulated engine. */
export interface SimulatedEngine {
  /** Base address without a trailing slash and without `/v1`. */
  readonly url: string
  readonly port: number
  readonly control: EngineControl
  /** What it received, oldest first; the latest thousand. */
  readonly requests: readonly ReceivedRequest[]
  /** The first request received that matches, or the next to come; rejects when the engine closes before. */
  waitForRequest(matches?: (request: ReceivedRequest) => boolean): Promise<ReceivedRequest>
  /** Cuts all connections and ends all work, as when the machine is switched off. May be called twice. */
  close(): Promise<void>
}

/** Changes a running engine. */
export interface EngineControl {
  addFault(fault: Fault): Promise<void>
  clearFaults(): Promise<void>
  readonly faults: readonly ActiveFault[]
  /** Uses up a fault that strikes by an event, such as `ignore-sigterm`; undefined when there is none. */
  takeFault(type: FaultType): Fault | undefined
  /** Answers 503 `Loading model` until `finishLoading`. */
  startLoading(): void
  finishLoading(): void
  /** Settles when the model is loaded; rejects when the engine closes before. */
  readonly loaded: Promise<void>
}

interface Load {
  readonly engine: Engine
  readonly loading: Loading
  readonly signal: AbortSignal
  readonly crash: () => void
}

/** Loads the model, or crashes in the attempt. Never rejects. */
async function load({ engine, loading, signal, crash }: Load): Promise<void> {
  const { settings, faults } = engine
  try {
    const loadMs = settings.loadTimeMs === Infinity ? Infinity : settings.loadTimeMs * settings.timeScale
    await delay(loadMs, signal)
  } catch {
    return // closed meanwhile, the only thing that ends the wait
  }
  const fault = faults.take('crash-at-load')
  if (fault?.type !== 'crash-at-load') return loading.finish()
  settings.print(fault.text ?? `llama_model_load: error loading model: simulated crash`)
  crash()
}

function seededIds(seed: number): () => string {
  const random = seededRandom(hashText(`ids ${seed}`))
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
  const letter = (): string => letters.charAt(Math.floor(random() * letters.length))
  return () => Array.from({ length: 32 }, letter).join('')
}
