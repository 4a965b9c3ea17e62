import { settledWithin } from '../core/settled-within.ts'

/** What a worker needs to work. Each is asked at most once at a time. */
export interface ReadinessOptions {
  /** Whether it was told to end. */
  readonly isDraining: () => boolean
  /** False while something keeps it from working: its model, say. */
  readonly isWell: () => boolean
  /** Rejects while it does not answer. May hang. */
  readonly store: () => Promise<unknown>
  readonly bus: () => Promise<unknown>
  /** How long an answer may take; 2 s by default. */
  readonly timeoutMs?: number
}

export interface Readiness {
  readonly isReady: boolean
  /** Why not, in words. */
  readonly reasons: readonly string[]
}

const usualTimeoutMs = 2_000

/** Asks the database and the bus whenever it is asked itself: a worker with nothing to do would not notice that they are gone. */
export function readinessOf({ isDraining, isWell, timeoutMs = usualTimeoutMs, ...needs }: ReadinessOptions) {
  const store = oneAtATime(needs.store, timeoutMs)
  const bus = oneAtATime(needs.bus, timeoutMs)

  return async (): Promise<Readiness> => {
    if (isDraining()) return { isReady: false, reasons: ['it was told to end, and finishes what is in hand'] }
    const [hasStore, hasBus] = await Promise.all([store(), bus()])
    const reasons = [
      ...(hasStore ? [] : ['the database does not answer']),
      ...(hasBus ? [] : ['the bus does not answer']),
      ...(isWell() ? [] : ['it cannot go on and holds its events; the log says why']),
    ]
    return { isReady: reasons.length === 0, reasons }
  }
}

/** One that hangs is not asked again until it has answered, however often somebody looks. */
function oneAtATime(ask: () => Promise<unknown>, timeoutMs: number): () => Promise<boolean> {
  let asking: Promise<boolean> | undefined
  return async () => {
    const current = (asking ??= ask()
      .then(
        () => true,
        () => false,
      )
      .finally(() => {
        asking = undefined
      }))
    return (await settledWithin(current, timeoutMs)) ? current : false
  }
}
