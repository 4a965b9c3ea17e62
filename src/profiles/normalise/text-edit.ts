/** A part of a text and what takes its place. Offsets are UTF-16 units. */
export interface TextEdit {
  readonly start: number
  readonly end: number
  readonly text: string
}

/** Applies edits that do not overlap; everything else stays as it is, byte for byte. */
export function applyEdits(text: string, edits: readonly TextEdit[]): string {
  const ordered = edits.toSorted((a, b) => a.start - b.start)
  const parts = ordered.map((edit, index) => text.slice(ordered[index - 1]?.end ?? 0, edit.start) + edit.text)
  return parts.join('') + text.slice(ordered.at(-1)?.end ?? 0)
}

/** The whole line around a part, its line break included, where nothing but a comment shares it. */
export function wholeLine(text: string, { start, end }: { readonly start: number; readonly end: number }) {
  const lineStart = text.lastIndexOf('\n', start - 1) + 1
  const lineBreak = text.indexOf('\n', end)
  return { start: lineStart, end: lineBreak === -1 ? text.length : lineBreak + 1 }
}
