/**
 * Readers for JSON that an engine sent, which may have any shape: a path that does not exist, or holds something else,
 * is `undefined` and never an exception.
 */
export function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  let found = value
  for (const key of path) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, key)) return undefined
    found = Reflect.get(found, key)
  }
  return found
}

export function textAt(value: unknown, ...path: readonly (string | number)[]): string | undefined {
  const found = at(value, ...path)
  return typeof found === 'string' ? found : undefined
}

export function numberAt(value: unknown, ...path: readonly (string | number)[]): number | undefined {
  const found = at(value, ...path)
  return typeof found === 'number' && Number.isFinite(found) ? found : undefined
}

/** A count of tokens or slots; engines write 0 or -1 for "not known". */
export function countAt(value: unknown, ...path: readonly (string | number)[]): number | undefined {
  const found = numberAt(value, ...path)
  return found !== undefined && found > 0 ? Math.floor(found) : undefined
}

export function flagAt(value: unknown, ...path: readonly (string | number)[]): boolean | undefined {
  const found = at(value, ...path)
  return typeof found === 'boolean' ? found : undefined
}

/** An empty list when there is none. */
export function listAt(value: unknown, ...path: readonly (string | number)[]): readonly unknown[] {
  const found = at(value, ...path)
  return Array.isArray(found) ? found : []
}

export function objectAt(
  value: unknown,
  ...path: readonly (string | number)[]
): Readonly<Record<string, unknown>> | undefined {
  const found = at(value, ...path)
  return isRecord(found) ? found : undefined
}

/** `undefined` for text that is not JSON. */
export function parseForeignJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // what to make of text that is not JSON is the reader's decision
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
