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
  const opening = /^```(?:json)?(?=\s)/i.exec(trimmed)?.[0]
  if (opening === undefined || !trimmed.endsWith(fence) || trimmed.length < opening.length + fence.length)
    return trimmed
  const inner = trimmed.slice(opening.length, -fence.length)
  // What follows the opening on its line would be the name of another language.
  return inner.slice(0, inner.length - inner.trimStart().length).includes('\n') ? inner.trim() : trimmed
}

const fence = '```'
