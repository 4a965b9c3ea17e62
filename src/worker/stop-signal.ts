import { constants } from 'node:os'

export interface StopSignal {
  /** Resolves with the first signal that asks for an end. */
  readonly asked: Promise<NodeJS.Signals>
  isAsked(): boolean
  /** Signals mean what they usually do again. */
  forget(): void
}

const signals = ['SIGTERM', 'SIGINT'] as const

/**
 * The first signal asks for an end. The second is one, said out loud: the first process of a container is not ended by a signal
 * that it does not handle. So is the time, when something that hangs keeps the process alive: events in hand are lent to
 * others then.
 */
export function stopSignal(endsWithinMs: number): StopSignal {
  const { promise: asked, resolve } = Promise.withResolvers<NodeJS.Signals>()
  let first: NodeJS.Signals | undefined
  const onSignal = (signal: NodeJS.Signals): void => {
    if (first !== undefined) process.exit(128 + constants.signals[signal])
    first = signal
    setTimeout(() => process.exit(1), endsWithinMs).unref()
    resolve(signal)
  }
  for (const signal of signals) process.on(signal, onSignal)
  return {
    asked,
    isAsked: () => first !== undefined,
    forget() {
      for (const signal of signals) process.off(signal, onSignal)
    },
  }
}
