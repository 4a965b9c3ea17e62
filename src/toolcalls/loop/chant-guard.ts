/** What a model says over and over. */
export interface Chant {
  /** The words repeated. */
  readonly unit: string
  /** How often they stand at the end of what was said. */
  readonly count: number
  /** Characters from the start of the reply to the end of the first repeat: where to cut. */
  readonly keep: number
}

/** Watches one reply as it comes. */
export interface ChantGuard {
  /** The chant that the text has fallen into, from then on at every call. */
  push(text: string): Chant | undefined
}

/**
 * Local models fall into repeating one sentence far more often than into calling one tool. A reply chants when its end is
 * one unit with letters in it, ten times and more, to the letter. Code and tables are left alone: tests and cells repeat.
 * Looks at the text every `stride` characters, wherever it was cut, and at no more than its last `windowMax`.
 */
export function createChantGuard(): ChantGuard {
  let window = ''
  let length = 0
  let sinceLook = 0
  let fences = 0
  let backticks = 0
  let found: Chant | undefined
  return {
    push(text) {
      for (let at = 0; at < text.length && found === undefined;) {
        const piece = text.slice(at, at + stride - sinceLook)
        at += piece.length
        sinceLook += piece.length
        length += piece.length
        if (backticks > 0 || piece.includes('`')) {
          for (const char of piece) {
            backticks = char === '`' ? backticks + 1 : 0
            if (backticks === 3) fences++
          }
        }
        window = (window + piece).slice(-windowMax)
        if (sinceLook < stride) continue
        sinceLook = 0
        if (fences % 2 === 0 && endsAsBefore(window)) found = chantAtEnd(window, length)
      }
      return found
    },
  }
}

/** Characters. */
const stride = 256
const windowMax = 2560
const chantMin = 320
const repeatsMin = 10

/** Of nearly all texts the end stands nowhere shortly before it: those need no closer look. */
function endsAsBefore(text: string): boolean {
  const end = text.length - endLength
  return text.lastIndexOf(text.slice(end), end - 1) >= Math.max(0, end - windowMax / repeatsMin)
}

const endLength = 32

/** The longest end that is one unit repeated, by the failure function over the text read backwards. */
function chantAtEnd(text: string, length: number): Chant | undefined {
  const size = text.length
  const failure = new Uint16Array(size + 1)
  const back = (index: number): number => text.charCodeAt(size - 1 - index)
  let best: { readonly span: number; readonly period: number } | undefined
  for (let index = 1, border = 0; index < size; index++) {
    while (border > 0 && back(index) !== back(border)) border = failure[border] ?? 0
    if (back(index) === back(border)) border++
    const span = index + 1
    failure[span] = border
    const period = span - border
    if (span >= chantMin && span >= period * repeatsMin) best = { span, period }
  }
  if (best === undefined) return undefined
  const unit = text.slice(size - best.span, size - best.span + best.period)
  if (!/\p{L}{2}/u.test(unit + unit) || isTableRow(unit + unit)) return undefined
  return { unit, count: Math.floor(best.span / best.period), keep: length - best.span + best.period }
}

function isTableRow(text: string): boolean {
  return /\n[ \t]*\|/.test(text)
}
