import { LlmrError } from '../../../core/error.ts'
import { globMatcher } from '../../../core/glob.ts'

/** Which requests somebody wants to have recorded, and how much of them at most. */
export interface RecordingWish {
  /** The name of a key, or `anonymous`; absent: everybody's. */
  readonly principal?: string
  /** A glob over the name asked for and the one that served; absent: every model. */
  readonly model?: string
  /** As the client names it, or as a recording does; absent: every conversation. */
  readonly conversation?: string
  readonly forMs: number
  readonly bytesMax: number
  readonly requestsMax: number
}

const usual = { forMs: 10 * 60_000, bytesMax: 64 * 1024 ** 2, requestsMax: 10_000 }
const most = { forMs: 24 * 3_600_000, bytesMax: 1024 ** 3, requestsMax: 1_000_000 }

/** @throws LlmrError `invalid_request` for a bound that is none, or a parameter that nobody knows */
export function readRecordingWish(query: string): RecordingWish {
  const parameters = new URLSearchParams(query)
  for (const name of parameters.keys()) {
    if (known.includes(name)) continue
    throw new LlmrError('invalid_request', `A recording has no "${name}"; it has ${known.join(', ')}.`, { param: name })
  }
  return {
    principal: parameters.get('principal') ?? undefined,
    model: parameters.get('model') ?? undefined,
    conversation: parameters.get('conversation') ?? undefined,
    forMs: bound(parameters, 'for_ms', [usual.forMs, most.forMs]),
    bytesMax: bound(parameters, 'bytes', [usual.bytesMax, most.bytesMax]),
    requestsMax: bound(parameters, 'requests', [usual.requestsMax, most.requestsMax]),
  }
}

const known: readonly string[] = ['principal', 'model', 'conversation', 'for_ms', 'bytes', 'requests']

function bound(parameters: URLSearchParams, name: string, [fallback, highest]: readonly [number, number]): number {
  const written = parameters.get(name)
  if (written === null) return fallback
  const value = Number(written)
  if (Number.isSafeInteger(value) && value > 0 && value <= highest) return value
  throw new LlmrError('invalid_request', `${name} is a whole number from 1 to ${highest}; this is ${written}.`, {
    param: name,
  })
}

/** What is known of a request before it is sent on. */
export interface RecordableRequest {
  readonly principal: string
  /** What the client calls the conversation, and what a recording calls it. */
  readonly conversations: readonly (string | undefined)[]
}

export function isWanted(wish: RecordingWish, { principal, conversations }: RecordableRequest): boolean {
  const { principal: who, conversation } = wish
  return (
    (who === undefined || who === principal) && (conversation === undefined || conversations.includes(conversation))
  )
}

/** Which model serves is known later than the rest. */
export function isModelWanted({ model }: RecordingWish, names: readonly (string | undefined)[]): boolean {
  if (model === undefined) return true
  const matches = globMatcher([model])
  return names.some((name) => name !== undefined && matches(name))
}
