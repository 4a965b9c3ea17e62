import { LlmrError } from '../core/error.ts'
import { isJsonObject } from './json-fields.ts'
import type { JsonObject } from './json-fields.ts'

/**
 * One way in which an engine can fail.
 *
 * Chunks are events of a stream; a reply that is not streamed breaks in the middle of its body instead.
 */
export type Fault = FaultScope &
  (
    | Refuse
    | Hang
    | SlowFirstToken
    | DieMidStream
    | HalfClose
    | Garbage
    | StatusFault
    | StderrNoise
    | CrashAtLoad
    | IgnoreSigterm
  )

export interface FaultScope {
  /** Strikes so many times, then is gone; without it until cleared. */
  readonly times?: number
  /** A glob over paths, such as `/v1/*`. Without it every POST is struck, so that health checks do not use a fault up. */
  readonly path?: string
}

/** Nothing listens, for so long or until cleared; idle connections are cut, requests in work go on. */
interface Refuse {
  readonly type: 'refuse'
  readonly durationMs?: number
}

/** The request is read and never answered. */
interface Hang {
  readonly type: 'hang'
}

/** The reply, its status included, is kept back; in real time, whatever the time scale. */
interface SlowFirstToken {
  readonly type: 'slow-first-token'
  readonly delayMs: number
}

/** The connection is cut after so many chunks, one by default; 0 leaves no byte of a reply. */
interface DieMidStream {
  readonly type: 'die-mid-stream'
  readonly afterChunks?: number
}

/** The stream ends in order after so many chunks, one by default, and so without its last events. */
interface HalfClose {
  readonly type: 'half-close'
  readonly afterChunks?: number
}

/** After so many chunks, one by default, comes one that is neither JSON nor UTF-8; the stream goes on. */
interface Garbage {
  readonly type: 'garbage'
  readonly afterChunks?: number
}

interface StatusFault {
  readonly type: 'status'
  readonly status: number
  /** Text is sent as it is, anything else as JSON; without it the engine's usual error. */
  readonly body?: unknown
  readonly retryAfterSeconds?: number
}

/** A line is printed; the reply is as usual. */
interface StderrNoise {
  readonly type: 'stderr-noise'
  readonly text?: string
}

/** When loading would be over the text is printed, and the engine is gone. */
interface CrashAtLoad {
  readonly type: 'crash-at-load'
  readonly text?: string
}

/** The process of `llmr sim` stays when it is told to end. */
interface IgnoreSigterm {
  readonly type: 'ignore-sigterm'
}

export type FaultType = Fault['type']

type ParameterKind = 'number' | 'number!' | 'text' | 'any'

/** What each fault takes beside its scope; `!` marks what it cannot do without. */
const parameters: Readonly<Record<FaultType, Readonly<Record<string, ParameterKind>>>> = {
  refuse: { durationMs: 'number!' },
  hang: {},
  'slow-first-token': { delayMs: 'number!' },
  'die-mid-stream': { afterChunks: 'number' },
  'half-close': { afterChunks: 'number' },
  garbage: { afterChunks: 'number' },
  status: { status: 'number!', body: 'any', retryAfterSeconds: 'number' },
  'stderr-noise': { text: 'text' },
  'crash-at-load': { text: 'text' },
  'ignore-sigterm': {},
}

const faultTypes = Object.keys(parameters)

/**
 * A fault as JSON describes it: `{"type":"status","status":503,"times":2}`. A refusal needs `durationMs` here, since
 * nobody could reach the engine to end it.
 *
 * @throws LlmrError `invalid_request` that says what was expected.
 */
export function parseFault(value: unknown): Fault {
  if (!isJsonObject(value) || !isFaultType(value['type'])) {
    throw invalid(`Expected a fault with a "type" of ${faultTypes.join(', ')}; got ${JSON.stringify(value)}.`)
  }
  const known = parameters[value['type']]
  for (const name of Object.keys(value)) {
    if (!['type', 'times', 'path'].includes(name) && !(name in known)) {
      const names = ['times', 'path', ...Object.keys(known)].join(', ')
      throw invalid(`The fault ${value['type']} has no "${name}"; it takes ${names}.`)
    }
  }
  for (const [name, kind] of Object.entries({ times: 'number', path: 'text', ...known })) expectKind(value, name, kind)
  if (value['type'] === 'status') expectStatus(Number(value['status']))
  return value as unknown as Fault // every field has been looked at
}

/**
 * A fault as a flag spells it: `TYPE[:NAME=VALUE[,NAME=VALUE…]]` with dashes in names, such as
 * `status:status=503,retry-after-seconds=2,times=1`.
 *
 * @throws LlmrError `invalid_request` that says what was expected.
 */
export function parseFaultFlag(flag: string): Fault {
  const [type = '', rest = ''] = split(flag, ':')
  const known: Readonly<Record<string, string>> = isFaultType(type) ? parameters[type] : {}
  const pairs = rest === '' ? [] : rest.split(',').map((pair) => split(pair, '='))
  const fields = pairs.map(([dashed = '', text = '']) => {
    const name = camelCase(dashed)
    const isNumber = name === 'times' || known[name]?.startsWith('number')
    return [name, isNumber ? numberOr(text) : text]
  })
  return parseFault({ type, ...Object.fromEntries(fields) })
}

function isFaultType(value: unknown): value is FaultType {
  return typeof value === 'string' && faultTypes.includes(value)
}

function expectKind(value: JsonObject, name: string, kind: string): void {
  const given = value[name]
  if (kind === 'any' || (given === undefined && kind !== 'number!')) return
  const isRight =
    kind === 'text' ? typeof given === 'string' : typeof given === 'number' && Number.isFinite(given) && given >= 0
  if (isRight) return
  const wanted = kind === 'text' ? 'text' : 'a number from 0 up'
  throw invalid(`The fault ${String(value['type'])} expects "${name}" to be ${wanted}; got ${JSON.stringify(given)}.`)
}

function expectStatus(status: number): void {
  if (!Number.isInteger(status) || status < 200 || status > 599) {
    throw invalid(`Expected "status" to be an HTTP status from 200 to 599; got ${status}.`)
  }
}

function split(text: string, separator: string): string[] {
  const at = text.indexOf(separator)
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + 1)]
}

function camelCase(name: string): string {
  return name.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())
}

function numberOr(text: string): string | number {
  return /^\d+(\.\d+)?$/.test(text) ? Number(text) : text
}

function invalid(message: string): LlmrError {
  return new LlmrError('invalid_request', message)
}
