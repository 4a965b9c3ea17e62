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
    | {
        /** Nothing listens; open connections without a request are cut. */ readonly type: 'refuse'
        readonly durationMs?: number
      }
    | { /** The request is read and never answered. */ readonly type: 'hang' }
    | { readonly type: 'slow-first-token'; /** Real time, whatever the time scale. */ readonly delayMs: number }
    | { /** The connection is cut. */ readonly type: 'die-mid-stream'; readonly afterChunks?: number }
    | {
        /** The stream ends in order, but without its last events. */ readonly type: 'half-close'
        readonly afterChunks?: number
      }
    | { /** Bytes that are neither JSON nor UTF-8. */ readonly type: 'garbage'; readonly afterChunks?: number }
    | {
        readonly type: 'status'
        readonly status: number
        /** Text is sent as it is, anything else as JSON; without it the engine's usual error. */
        readonly body?: unknown
        readonly retryAfterSeconds?: number
      }
    | { readonly type: 'stderr-noise'; readonly text?: string }
    | { /** Loading ends in a crash. */ readonly type: 'crash-at-load'; readonly text?: string }
    | { /** The command's process stays when told to end. */ readonly type: 'ignore-sigterm' }
  )

export interface FaultScope {
  /** Strikes so many times, then is gone; without it until cleared. */
  readonly times?: number
  /** A glob over paths, such as `/v1/*`. Without it every POST is struck, so that health checks do not use a fault up. */
  readonly path?: string
}

export type FaultType = Fault['type']

/** The numbers and texts that each fault takes beside its scope; `!` marks those it cannot do without. */
const parameters: Readonly<Record<FaultType, Readonly<Record<string, 'number' | 'number!' | 'any'>>>> = {
  refuse: { durationMs: 'number!' },
  hang: {},
  'slow-first-token': { delayMs: 'number!' },
  'die-mid-stream': { afterChunks: 'number' },
  'half-close': { afterChunks: 'number' },
  garbage: { afterChunks: 'number' },
  status: { status: 'number!', body: 'any', retryAfterSeconds: 'number' },
  'stderr-noise': { text: 'any' },
  'crash-at-load': { text: 'any' },
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
  expectNumber(value, 'times', false)
  if (value['path'] !== undefined && typeof value['path'] !== 'string') {
    throw invalid(`Expected "path" to be a glob such as "/v1/*"; got ${JSON.stringify(value['path'])}.`)
  }
  for (const [name, kind] of Object.entries(known)) if (kind !== 'any') expectNumber(value, name, kind === 'number!')
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
  const fields = rest === '' ? [] : rest.split(',').map((pair) => split(pair, '='))
  return parseFault({
    type,
    ...Object.fromEntries(fields.map(([name = '', text = '']) => [camelCase(name), numberOr(text)])),
  })
}

function isFaultType(value: unknown): value is FaultType {
  return typeof value === 'string' && faultTypes.includes(value)
}

function expectNumber(value: JsonObject, name: string, isRequired: boolean): void {
  const given = value[name]
  if (given === undefined && !isRequired) return
  if (typeof given !== 'number' || !Number.isFinite(given) || given < 0) {
    throw invalid(
      `The fault ${String(value['type'])} expects "${name}" to be a number from 0 up; got ${JSON.stringify(given)}.`,
    )
  }
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
