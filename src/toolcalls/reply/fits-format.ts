import type { ResponseFormat } from '../../core/chat/chat-request.ts'
import { checkValue } from '../arguments/check-value.ts'
import { parseJson } from '../values/coerce-text.ts'
import { asSchema } from '../values/schema-types.ts'

/** Whether a text is what the client asked for; what a schema says beyond the keywords that tools use is not looked at. */
export function fitsFormat(text: string, format: ResponseFormat): boolean {
  const value = parseJson(text)
  if (value === undefined) return false
  if (format.type === 'json') return asSchema(value) !== undefined
  return checkValue(value, format.schema, format.schema).length === 0
}

/** The text without the fence that models like to put around JSON. */
export function jsonIn(text: string): string {
  const trimmed = text.trim()
  return /^```(?:json)?\s*\n([\s\S]*?)\n?```$/i.exec(trimmed)?.[1]?.trim() ?? trimmed
}
