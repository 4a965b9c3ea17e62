import type { CallDraft } from '../parse/reply-event.ts'
import type { ToolTable } from '../parse/tool-table.ts'
import { readLooseValue } from '../values/loose-value.ts'
import { asSchema } from '../values/schema-types.ts'

/** `[f(a=1), g()]`, or the same without brackets or commas; `undefined` when it is anything else. */
export function parseCallExpressions(text: string, tools: ToolTable): CallDraft[] | undefined {
  const body = /^\s*\[([\s\S]*)\]\s*$/.exec(text)?.[1] ?? text
  const drafts: CallDraft[] = []
  let at = 0
  for (;;) {
    at = after(/[\s,;]*/y, body, at)?.end ?? at
    if (at >= body.length) return drafts.length === 0 ? undefined : drafts
    const name = after(/([\p{L}_][\p{L}\p{N}_.-]*)\s*\(/uy, body, at)
    if (name === undefined) return undefined
    const args = readArguments(body, name.end, name.text, tools)
    if (args === undefined) return undefined
    drafts.push({ name: name.text.replace(/\.call$/, ''), argumentsText: JSON.stringify(args.value) })
    at = args.end
  }
}

function readArguments(
  text: string,
  from: number,
  name: string,
  tools: ToolTable,
): { readonly value: Readonly<Record<string, unknown>>; readonly end: number } | undefined {
  const value: [string, unknown][] = []
  const positions = Object.keys(asSchema(tools.schemaOf(name)?.['properties']) ?? {})
  let at = from
  for (;;) {
    at = after(/[\s,]*/y, text, at)?.end ?? at
    const closing = after(/\)/y, text, at)
    if (closing !== undefined) return { value: Object.fromEntries(value), end: closing.end }
    const key = after(/([\p{L}_][\p{L}\p{N}_-]*)\s*[=:](?!=)/uy, text, at)
    const read = readLooseValue(text, key?.end ?? at, { isArgument: true })
    const position = key?.text ?? positions[value.length]
    if (read === undefined || position === undefined) return undefined
    value.push([position, read.value])
    at = read.end
    if (!/[\s,)]/.test(text[at] ?? '')) return undefined
  }
}

/** `name{k: …}`, the strings between raw quotes. */
export function parseBraceCall(text: string, rawQuote: string | undefined): CallDraft[] | undefined {
  const name = after(/\s*(?:call:)?\s*([\p{L}_][\p{L}\p{N}_.:-]*)\s*(?=\{)/uy, text, 0)
  if (name === undefined) return undefined
  const read = readLooseValue(text, name.end, { rawQuote, hasBareWords: true })
  if (read === undefined) return undefined
  return [{ name: name.text, argumentsText: JSON.stringify(read.value) }]
}

function after(
  pattern: RegExp,
  text: string,
  from: number,
): { readonly text: string; readonly end: number } | undefined {
  pattern.lastIndex = from
  const match = pattern.exec(text)
  return match === null ? undefined : { text: match[1] ?? match[0], end: from + match[0].length }
}
