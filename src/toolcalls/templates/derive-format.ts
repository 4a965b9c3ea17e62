import type { ReasoningRow, ReplyFormat } from '../formats/reply-format.ts'
import { replyFormat } from '../formats/reply-formats.ts'
import { templateSigns, thoughtSigns } from './template-signs.ts'

export interface DerivedFormat {
  readonly format: ReplyFormat
  /** False: the template never looks at the tools; they would vanish without a word, and have to be told in plain text. */
  readonly takesTools: boolean
  /** False: no family's markers are in the template; the format is the generic one. */
  readonly isKnown: boolean
}

/**
 * The format that a model with this chat template writes, by the markers in the template's text. A template that has none of
 * a family's thinking markers gets a format without thoughts: its text must not wait for a thought to end.
 */
export function deriveFormat(template: string): DerivedFormat {
  const text = unescaped(template)
  const id = bestSign(text)
  const base = replyFormat(id ?? 'generic')
  const reasoning = reasoningOf(base, text)
  const { reasoning: _, ...rest } = base
  return {
    format: reasoning === undefined ? rest : { ...base, reasoning },
    takesTools: /\btools\b/.test(text),
    isKnown: id !== undefined,
  }
}

/** Templates hold their markers in strings of Jinja. */
function unescaped(template: string): string {
  return template
    .replaceAll(String.raw`\n`, '\n')
    .replaceAll(String.raw`\"`, '"')
    .replaceAll(String.raw`\'`, "'")
}

function bestSign(text: string): string | undefined {
  let best: { readonly id: string; readonly length: number } | undefined
  for (const [id, signs] of templateSigns) {
    const length = signs.join('').length
    if (length > (best?.length ?? 0) && signs.every((sign) => text.includes(sign))) best = { id, length }
  }
  return best?.id
}

function reasoningOf(base: ReplyFormat, text: string): ReasoningRow | undefined {
  const own = base.reasoning
  if (own !== undefined && (own.isInEveryTemplate === true || hasMarker(own, text))) return { ...own, start: 'text' }
  const pair = thoughtSigns.find((markers) => markers.some((marker) => text.includes(marker)))
  return pair === undefined
    ? undefined
    : { open: [pair[0]], close: [pair[1]], start: 'text', endsAtCall: own?.endsAtCall === true }
}

function hasMarker({ open, close }: ReasoningRow, text: string): boolean {
  return [...open, ...close].some((marker) => text.includes(marker))
}
