import type { EventEmitter } from 'node:events'

import type { SimulatedEngineOptions } from './engine-options.ts'
import { startSimulatedEngine } from './simulated-engine.ts'
import type { SimulatedEngine } from './simulated-engine.ts'

export interface EngineProcess {
  readonly options: SimulatedEngineOptions
  /** Where `SIGINT` and `SIGTERM` arrive: `process`. */
  readonly signals: EventEmitter
  readonly onReady: (engine: SimulatedEngine) => void
}

/** How it ended, and how many requests it remembered. */
export interface EngineEnd {
  readonly how: 'stopped' | 'crashed'
  readonly requestCount: number
}

/**
 * Runs an engine as a process of its own would be run: until a signal ends it, or until the fault `crash-at-load` does.
 * The first signal that counts closes everything; a second one finds Node's own handling again.
 *
 * @throws the socket's error, such as `EADDRINUSE`.
 */
export async function runEngineProcess({ options, signals, onReady }: EngineProcess): Promise<EngineEnd> {
  const print = options.print ?? (() => undefined)
  const { promise: ending, resolve: end } = Promise.withResolvers<EngineEnd['how']>()
  const engine = await startSimulatedEngine({ ...options, onCrash: () => end('crashed') })
  const onInterrupt = (): void => end('stopped')
  const onTerminate = (): void => {
    if (engine.control.takeFault('ignore-sigterm')) print('simulated engine: SIGTERM ignored, as a fault asks')
    else end('stopped')
  }
  signals.on('SIGINT', onInterrupt).on('SIGTERM', onTerminate)

  print(`simulated engine: listening on ${engine.url}, loading its model`)
  // Rejects only when the engine is closed before its model is loaded, which is told by `ending`.
  engine.control.loaded.then(
    () => onReady(engine),
    () => undefined,
  )
  const how = await ending
  signals.off('SIGINT', onInterrupt).off('SIGTERM', onTerminate)
  await engine.close()
  return { how, requestCount: engine.requests.length }
}
