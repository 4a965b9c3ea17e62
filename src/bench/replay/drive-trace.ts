import { setTimeout as delay } from 'node:timers/promises'

import { numberAt, textAt } from '../../core/foreign-json.ts'
import type { TraceRow } from '../../sim/swaps/trace-row.ts'
import type { ServedRequest } from '../../sim/swaps/replay-trace.ts'
import type { OwnTime } from './own-time.ts'
import { epochMs } from './replay-engine-options.ts'
import type { ReplayWork } from './replay-engine-options.ts'

export interface DriveTrace {
  readonly url: string
  readonly rows: readonly TraceRow[]
  readonly timeScale: number
  /** Real, of one request. */
  readonly timeoutMs: number
  /** What llmr takes for the end of a request, which engines give back. */
  readonly ownTime: OwnTime
  readonly signal: AbortSignal
  /** Called when a request was sent, and when it has ended. */
  readonly onChange: (counts: { readonly sent: number; readonly ended: number }) => void
}

export interface DrivenTrace {
  /** In simulated time from the first request on. */
  readonly served: readonly ServedRequest[]
  /** Refused by the gateway in time, as a policy may. */
  readonly refused: number
  /** Epoch, real: the zero of all times. */
  readonly startedAtMs: number
}

/**
 * Sends the requests of a trace when their time has come, whether or not earlier ones have been answered.
 *
 * @throws Error for the first reply that is neither an answer nor a refusal, when all have ended
 */
export async function driveTrace(drive: DriveTrace): Promise<DrivenTrace> {
  const { rows, timeScale, signal, onChange } = drive
  const startedAtMs = epochMs()
  const counts = { sent: 0, ended: 0 }
  const replies: Promise<Outcome>[] = []
  for (const row of rows) {
    const leftMs = startedAtMs + row.arrivalMs * timeScale - epochMs()
    // A timer may be a fraction early, which matters little; not to wait at all would keep others from their turn.
    await delay(Math.max(0, leftMs), undefined, { signal })
    counts.sent += 1
    onChange(counts)
    const ended = (): void => {
      counts.ended += 1
      onChange(counts)
    }
    replies.push(ask(row, drive, startedAtMs).finally(ended))
  }
  const outcomes = await Promise.all(replies)
  const failure = outcomes.find((outcome) => outcome instanceof Error)
  if (failure !== undefined) throw failure
  return {
    served: outcomes.filter((outcome) => typeof outcome === 'object' && 'model' in outcome),
    refused: outcomes.filter((outcome) => outcome === 'refused').length,
    startedAtMs,
  }
}

type Outcome = ServedRequest | 'refused' | Error

/** What a gateway says to whom it does not serve, and means it. */
const refusals: readonly number[] = [429, 503]

/** Never rejects: one failure must not leave the others without anybody who waits for them. */
async function ask(row: TraceRow, drive: DriveTrace, startedAtMs: number): Promise<Outcome> {
  const { url, timeScale, timeoutMs, signal, ownTime } = drive
  const { model, promptTokens, outputTokens, session } = row
  const metadata: ReplayWork = {
    prompt_tokens: promptTokens,
    output_tokens: outputTokens,
    give_back_ms: ownTime.giveBackMs(Infinity),
    ...(session !== undefined && { session }),
  }
  try {
    const response = await fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model, messages: [{ role: 'user', content: 'replay' }], metadata }),
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    })
    const text = await response.text()
    const endedAtMs = epochMs()
    if (refusals.includes(response.status)) return 'refused'
    if (!response.ok) return new Error(`${model} answered ${response.status}: ${text.slice(0, 300)}`)
    const answer: unknown = JSON.parse(textAt(JSON.parse(text), 'choices', 0, 'message', 'content') ?? 'null')
    const startMs = numberAt(answer, 'started_at_ms')
    const prefillMs = numberAt(answer, 'prefill_ms')
    const serviceMs = numberAt(answer, 'service_ms')
    if (startMs === undefined || prefillMs === undefined || serviceMs === undefined) {
      return new Error(`${model} answered ${text.slice(0, 300)}`)
    }
    ownTime.observe({ tookMs: endedAtMs - startMs, wantedMs: serviceMs * timeScale })
    const toSimulated = (atMs: number): number => (atMs - startedAtMs) / timeScale
    const servedMs = Math.max(row.arrivalMs, toSimulated(startMs))
    return {
      model,
      arrivedMs: row.arrivalMs,
      startedMs: servedMs,
      firstTokenMs: servedMs + prefillMs,
      endedMs: toSimulated(endedAtMs),
    }
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}
