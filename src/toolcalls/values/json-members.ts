import { isSpace } from './is-space.ts'

/** The items of a valid JSON array, each as the text it has there. */
export function jsonItems(text: string): string[] {
  return splitJson(text).map((item) => item.trim())
}

/** The members of a valid JSON object, each value as the text it has there. */
export function jsonMembers(text: string): ReadonlyMap<string, string> {
  return new Map(
    splitJson(text).map((member) => {
      const colon = afterString(member, firstInk(member))
      const key: unknown = JSON.parse(member.slice(0, colon))
      return [String(key), member.slice(member.indexOf(':', colon) + 1).trim()]
    }),
  )
}

/** What the outermost brackets hold, cut at their own commas. */
function splitJson(text: string): string[] {
  const pieces: string[] = []
  let depth = 0
  let from = 0
  for (let at = 0; at < text.length; at++) {
    const char = text[at]
    if (char === '"') at = afterString(text, at) - 1
    else if (char === '{' || char === '[') {
      if (depth++ === 0) from = at + 1
    } else if (char === '}' || char === ']') {
      if (--depth === 0 && text.slice(from, at).trim() !== '') pieces.push(text.slice(from, at))
    } else if (char === ',' && depth === 1) {
      pieces.push(text.slice(from, at))
      from = at + 1
    }
  }
  return pieces
}

function firstInk(text: string): number {
  let at = 0
  while (isSpace(text.charCodeAt(at))) at++
  return at
}

function afterString(text: string, quoteAt: number): number {
  let at = quoteAt + 1
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1
  return at + 1
}
