import type { LogFields } from '../core/logger.ts'
import { describeError } from './describe-error.ts'
import { maskSecrets } from './mask-secrets.ts'

const depthMax = 6
const itemsMax = 100

/**
 * Log fields made safe to write: what a person said and what proves who they are never leaves, whatever part logs it
 * and however deep it sits; errors become fields; sizes are bounded.
 */
export function cleanFields(fields: LogFields): Record<string, unknown> {
  const clean: Record<string, unknown> = {}
  for (const key in fields) clean[key] = isPrivate(key) ? '[redacted]' : cleanValue(fields[key], 1)
  return clean
}

function cleanValue(value: unknown, depth: number): unknown {
  switch (typeof value) {
    case 'string':
      return maskSecrets(value)
    case 'bigint':
      return String(value)
    case 'object':
      return value === null ? null : cleanObject(value, depth)
    case 'function':
    case 'symbol':
      return undefined
    default:
      return value
  }
}

function cleanObject(value: object, depth: number): unknown {
  if (value instanceof Error) return cleanNested(describeError(value), depth)
  if (value instanceof Date || value instanceof URL) return cleanValue(value.toJSON(), depth)
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`
  if (depth >= depthMax) return '[deep]'
  if (value instanceof Set || Array.isArray(value)) {
    return Array.from(value)
      .slice(0, itemsMax)
      .map((item) => cleanValue(item, depth + 1))
  }
  return cleanNested(value instanceof Map ? Object.fromEntries(value) : value, depth)
}

function cleanNested(value: object, depth: number): Record<string, unknown> {
  const clean: Record<string, unknown> = {}
  for (const [key, item] of Object.entries(value).slice(0, itemsMax)) {
    clean[key] = isPrivate(key) ? '[redacted]' : cleanValue(item, depth + 1)
  }
  return clean
}

/** Compared in lower case without dashes and underscores. */
const privateNames = new Set(
  `authorization proxyauthorization cookie setcookie token credential credentials
  messages prompt prompts system instructions query documents input text
  content output reply body arguments args toolresult toolresults`.split(/\s+/),
)
const privateEnding = /(?:apikey|secret|password|accesstoken|refreshtoken|(?:system|user|request|reply)text)$/

// Field names are few and constant, but nested objects may have any: the memory of verdicts starts again when full.
const verdicts = new Map<string, boolean>()
const verdictsMax = 1000

function isPrivate(key: string): boolean {
  const known = verdicts.get(key)
  if (known !== undefined) return known
  const name = key.toLowerCase().replaceAll(/[-_]/g, '')
  const verdict = privateNames.has(name) || privateEnding.test(name)
  if (verdicts.size >= verdictsMax) verdicts.clear()
  verdicts.set(key, verdict)
  return verdict
}
