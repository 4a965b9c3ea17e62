import { maskSecrets } from './mask-secrets.ts'

const causesMax = 5
const stackMax = 4096

/**
 * An error as fields for the log: a closed list, because errors of HTTP clients carry whole requests with bodies and
 * keys as own properties. Causes are followed five deep.
 */
export function describeError(error: Error, depth = 0): Readonly<Record<string, unknown>> {
  const { cause } = error
  return {
    type: error.name,
    message: withoutQuotedJson(error.message),
    code: 'code' in error && isPlain(error.code) ? error.code : undefined,
    status: 'status' in error && isPlain(error.status) ? error.status : undefined,
    stack: stackOf(error),
    cause: describeCause(cause, depth + 1),
    errors: error instanceof AggregateError ? describeErrors(error.errors, depth + 1) : undefined,
  }
}

/** The frames only: the message stands beside them, and a V8 stack begins with a copy of it. */
function stackOf(error: Error): string | undefined {
  const frames = error.stack?.search(/^\s+at /m) ?? -1
  return frames < 0 ? undefined : error.stack?.slice(frames, frames + stackMax).trim()
}

function describeCause(cause: unknown, depth: number): unknown {
  if (cause === undefined || depth >= causesMax) return undefined
  if (cause instanceof Error) return describeError(cause, depth)
  return isPlain(cause) ? withoutQuotedJson(String(cause)) : typeof cause
}

function describeErrors(errors: readonly unknown[], depth: number): unknown {
  return errors.slice(0, causesMax).map((error) => describeCause(error, depth))
}

/** V8's JSON errors quote the text they failed on, which is somebody's prompt or reply. */
function withoutQuotedJson(message: string): string {
  return maskSecrets(message.replace(/,? (?:\.\.\.)?"[\s\S]*"(?:\.\.\.)? is not valid JSON/, ' is not valid JSON'))
}

function isPlain(value: unknown): value is string | number {
  return typeof value === 'string' || typeof value === 'number'
}
