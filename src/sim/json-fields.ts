/**
 * Reads a request body that is JSON of no known shape. A field that is absent, null or of another type reads as
 * undefined: the engine, too, passes over most of what it does not understand.
 */
export type JsonObject = Readonly<Record<string, unknown>>

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function objectField(object: JsonObject, name: string): JsonObject | undefined {
  const value = object[name]
  return isJsonObject(value) ? value : undefined
}

export function stringField(object: JsonObject, name: string): string | undefined {
  const value = object[name]
  return typeof value === 'string' ? value : undefined
}

export function numberField(object: JsonObject, name: string): number | undefined {
  const value = object[name]
  return typeof value === 'number' ? value : undefined
}

export function booleanField(object: JsonObject, name: string): boolean {
  return object[name] === true
}

export function listField(object: JsonObject, name: string): readonly unknown[] | undefined {
  const value: unknown = object[name]
  return Array.isArray(value) ? value : undefined
}

export function isString(value: unknown): value is string {
  return typeof value === 'string'
}
