/** One row of a screen, in parts of one look each. Plain data: what paints it is another matter. */
export type ScreenLine = readonly ScreenPart[]

export interface ScreenPart {
  readonly text: string
  readonly color?: PartColor
  readonly isBold?: true
  readonly isDim?: true
}

export type PartColor = 'green' | 'yellow' | 'red' | 'cyan' | 'gray'

/** The beginning of a line, as much as the columns hold. */
export function clipLine(line: ScreenLine, columns: number): ScreenLine {
  let left = columns
  return line.flatMap((part) => {
    const text = part.text.slice(0, Math.max(0, left))
    left -= part.text.length
    return text === '' ? [] : [{ ...part, text }]
  })
}
