import { readLooseValue } from './loose-value.ts'
import { jsonTypeOf, typesOf, type JsonType, type Schema } from './schema-types.ts'

/**
 * A raw text between tags as the JSON that its schema asks for. A string stays as it is, even if it looks like a number;
 * of a union the first type that the text can be wins, string last; what fits nothing stays a string, for the validator to
 * name. Numbers keep the model's own digits.
 */
export function coerceText(text: string, schema: Schema | undefined, root: Schema): string {
  const types = typesOf(schema, root)
  for (const type of types) {
    if (type === 'string') continue
    const json = textAs(type, text.trim())
    if (json !== undefined) return json
  }
  return JSON.stringify(text)
}

/** Whatever JSON, or nearly JSON, the text is; for values that the model itself marked as no string. */
export function coerceUntyped(text: string): string {
  const trimmed = text.trim()
  const json = parsedJson(trimmed)
  if (json !== undefined) return json
  const loose = wholeLooseValue(trimmed)
  return loose === undefined ? JSON.stringify(text) : JSON.stringify(loose)
}

function textAs(type: Exclude<JsonType, 'string'>, text: string): string | undefined {
  switch (type) {
    case 'null':
      return text === 'null' || text === 'None' ? 'null' : undefined
    case 'boolean':
      return /^(?:true|false)$/i.test(text) ? text.toLowerCase() : undefined
    case 'integer':
      if (/^-?(?:0|[1-9]\d*)$/.test(text)) return text
      return /^-?\d+(?:\.0*)?$/.test(text) ? String(Number(text)) : undefined
    case 'number':
      if (/^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:e[+-]?\d+)?$/i.test(text)) return text
      return /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i.test(text) ? finite(Number(text)) : undefined
    case 'object':
    case 'array':
      return structureAs(type, text)
  }
}

function finite(number: number): string | undefined {
  return Number.isFinite(number) ? String(number) : undefined
}

function structureAs(type: 'object' | 'array', text: string): string | undefined {
  if (!text.startsWith(type === 'object' ? '{' : '[')) return undefined
  const json = parsedJson(text)
  if (json !== undefined) return json
  const loose = wholeLooseValue(text)
  if (loose !== undefined) return jsonTypeOf(loose) === type ? JSON.stringify(loose) : undefined
  // Some models escape the JSON once more, as if it stood in a string.
  const unescaped = text.includes(String.raw`\"`) ? parseJson(`"${text}"`) : undefined
  return typeof unescaped === 'string' ? parsedJson(unescaped) : undefined
}

function wholeLooseValue(text: string): unknown {
  const loose = readLooseValue(text)
  return loose !== undefined && text.slice(loose.end).trim() === '' ? loose.value : undefined
}

/** The text itself, if it is JSON. */
export function parsedJson(text: string): string | undefined {
  return parseJson(text) === undefined ? undefined : text
}

/** `undefined` for what is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Models write broken JSON all the time; the caller has another reading to try.
    return undefined
  }
}
