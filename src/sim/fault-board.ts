import { globMatcher } from '../core/glob.ts'
import type { Fault, FaultType } from './fault.ts'

/** A fault with what is left of it. */
export interface ActiveFault {
  readonly fault: Fault
  /** `undefined`: until cleared. */
  readonly timesLeft: number | undefined
}

interface Entry {
  readonly fault: Fault
  readonly matches: (request: { readonly method: string; readonly path: string }) => boolean
  timesLeft: number
}

/** The faults in force. Each request takes those that strike it, once; used-up ones are gone. */
export class FaultBoard {
  #entries: Entry[] = []

  add(fault: Fault): void {
    this.#entries.push({ fault, matches: matcherOf(fault), timesLeft: fault.times ?? Infinity })
    this.#dropUsedUp()
  }

  clear(type?: FaultType): void {
    this.#entries = type === undefined ? [] : this.#entries.filter(({ fault }) => fault.type !== type)
  }

  list(): ActiveFault[] {
    return this.#entries.map(({ fault, timesLeft }) => ({
      fault,
      timesLeft: timesLeft === Infinity ? undefined : timesLeft,
    }))
  }

  /** The faults that strike this request, which are used once by it. At most one of a type: the oldest. */
  strike(request: { readonly method: string; readonly path: string }): readonly Fault[] {
    const struck = new Map<FaultType, Fault>()
    for (const entry of this.#entries) {
      if (!entry.matches(request) || struck.has(entry.fault.type)) continue
      entry.timesLeft -= 1
      struck.set(entry.fault.type, entry.fault)
    }
    this.#dropUsedUp()
    return [...struck.values()]
  }

  /** A fault that strikes by an event and not by a request. */
  take(type: FaultType): Fault | undefined {
    const entry = this.#entries.find(({ fault }) => fault.type === type)
    if (!entry) return undefined
    entry.timesLeft -= 1
    this.#dropUsedUp()
    return entry.fault
  }

  #dropUsedUp(): void {
    this.#entries = this.#entries.filter(({ timesLeft }) => timesLeft > 0)
  }
}

const byEvent: ReadonlySet<FaultType> = new Set<FaultType>(['refuse', 'crash-at-load', 'ignore-sigterm'])

function matcherOf({ type, path }: Fault): Entry['matches'] {
  if (byEvent.has(type)) return () => false
  if (path === undefined) return (request) => request.method === 'POST'
  const matches = globMatcher([path])
  return (request) => matches(request.path)
}
