import { setTimeout as delay } from 'node:timers/promises'

import { call } from '../../backends/call.ts'
import { openEngineConnection } from '../engine-connection.ts'

export interface AwaitReady {
  readonly name: string
  readonly readyUrl: string
  readonly timeoutMs: number
  /** Ends the wait with its reason: the process has ended, or nobody wants it any more. */
  readonly signal: AbortSignal
  /** Called once, at the first answer of any kind. */
  readonly onAnswering?: () => void
}

/** What a swap waits for nothing is at most this; an engine that loads answers such a question in a millisecond. */
const pollMs = 25

/** Some engines answer nothing while they load, and start to when they have loaded. */
const answerTimeoutMs = 2_000

/**
 * Resolves true at the first good answer, false when there was none in time.
 *
 * @throws the signal's reason
 */
export async function awaitReady({ name, readyUrl, timeoutMs, signal, onAnswering }: AwaitReady): Promise<boolean> {
  const { origin, pathname, search } = new URL(readyUrl)
  const connection = openEngineConnection({ name, url: origin })
  const timeout = AbortSignal.timeout(timeoutMs)
  const ending = AbortSignal.any([signal, timeout])
  let hasAnswered = false
  const answered = (): void => {
    if (!hasAnswered) onAnswering?.()
    hasAnswered = true
  }
  const isReady = async (): Promise<boolean> => {
    const within = AbortSignal.any([ending, AbortSignal.timeout(answerTimeoutMs)])
    try {
      const { status } = await call(connection, { method: 'GET', path: pathname + search, signal: within })
      answered()
      return status >= 200 && status < 300
    } catch {
      return false // refused, hung or torn: not yet, unless the wait itself is over
    }
  }
  try {
    while (!ending.aborted) {
      if (await isReady()) return true
      await delay(pollMs, undefined, { signal: ending }).catch(() => undefined)
    }
    signal.throwIfAborted()
    return false
  } finally {
    await connection.destroy()
  }
}
