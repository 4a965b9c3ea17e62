import type { ReplyFormat } from '../../../src/toolcalls/formats/reply-format.ts'

/** Texts that would take a careless parser hours: each of about this length, with the format's own markers in them. */
export function adversarialReplies(format: ReplyFormat, length: number): ReadonlyMap<string, string> {
  const opens = opensOf(format)
  const open = opens[0] ?? '<tool_call>'
  const fill = (unit: string, max = length): string => unit.repeat(Math.ceil(max / unit.length)).slice(0, max)
  const argument = (unit: string): string => `${open}{"name": "write", "arguments": {"text": "${fill(unit)}"}}`
  return new Map([
    ['nested brackets', open + fill('[')],
    ['nested objects', open + fill('{"a":')],
    ['nested calls', open + fill('[f(a=')],
    ['beginnings of markers', opens.map((marker) => fill(marker.slice(0, -1), length / opens.length)).join('')],
    ['openings and no end', opens.map((marker) => fill(marker, length / opens.length)).join('')],
    ['openings with a brace', fill(`${open}{"name": `)],
    ['thoughts in thoughts', fill('<think>')],
    ['an end before every beginning', fill('</think>')],
    ['white space', open + fill(' ')],
    ['an argument', argument('line of code\\n')],
    ['an argument of escapes', argument('\\\\\\"')],
    ['an argument of markers', argument(open.replaceAll('"', ''))],
    ['backticks', fill('```json\n{"tool": ')],
    ['tags that open', open + fill('<parameter=a>')],
    ['braces in words', fill('{"name": "write", ')],
  ])
}

function opensOf({ calls, sections = [], reasoning }: ReplyFormat): string[] {
  const own = calls.flatMap((call) => ('at' in call ? [] : call.open))
  return [...own, ...sections.map(({ open }) => open), ...(reasoning?.open ?? [])].filter((marker) => marker !== '')
}
