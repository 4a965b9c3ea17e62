export interface MaskOptions {
  /** What an engine answered; may quote the request it was sent. */
  readonly text: string
  /** The request's body as it was sent. */
  readonly requestText: string
  /** Configured keys and passwords. */
  readonly secrets: readonly string[]
}

const excerptMaxLength = 500
/** Read beyond the cut, so that a run or a secret lying across it is recognised. */
const windowLength = 2 * excerptMaxLength
/** Never shown when more text follows: a run or a secret may have begun there. */
const blindLength = 128
/** A shorter run says little; a longer one would let names and addresses through. */
const runLength = 16
/** Reading this much holds all other requests up for some 30 ms. Beyond it nothing is compared, and nothing shown. */
const requestMaxLength = 2 * 1024 * 1024

const mask = '[masked]'

/**
 * The first 500 characters of an engine's reply, fit for a log: runs of 16 characters and more that also stand in the
 * request are masked, and so is what looks like a credential. Engines quote requests escaped, sometimes twice, so both
 * sides are compared without escapes and with white space evened out. Linear in both texts.
 */
export function maskExcerpt({ text, requestText, secrets }: MaskOptions): string {
  if (requestText.length > requestMaxLength) return '[not shown: the request is too large to be masked in it]'
  const window = text.slice(0, windowLength)
  const quoted = quotedRanges(window, requestText)
  const ranges = [...quoted, ...credentialRanges(window), ...secretRanges(window, secrets)]
  const shownLength = text.length > windowLength ? windowLength - blindLength : windowLength
  return cutOut(window, ranges, shownLength)
}

interface Range {
  readonly from: number
  readonly to: number
}

/** Text without escapes, and for each of its characters where it stood: `ends` is where what it stood for ends. */
interface Plain {
  readonly characters: readonly number[]
  readonly starts: readonly number[]
  readonly ends: readonly number[]
}

function quotedRanges(window: string, requestText: string): Range[] {
  if (requestText.length < runLength) return []
  const plain: { characters: number[]; starts: number[]; ends: number[] } = { characters: [], starts: [], ends: [] }
  forEachPlain(window, (character, start, end) => {
    plain.characters.push(character)
    plain.starts.push(start)
    plain.ends.push(end)
  })
  if (plain.characters.length < runLength) return []
  const positions = positionsByHash(plain)
  const ranges: Range[] = []
  eachHash(requestText, (hash) => {
    const found = positions.get(hash)
    if (found === undefined) return
    positions.delete(hash)
    for (const at of found) ranges.push({ from: plain.starts[at] ?? 0, to: plain.ends[at + runLength - 1] ?? 0 })
  })
  return ranges
}

function positionsByHash({ characters }: Plain): Map<number, number[]> {
  const positions = new Map<number, number[]>()
  const window = new RollingHash()
  for (const [index, character] of characters.entries()) {
    const hash = window.push(character)
    if (hash === undefined) continue
    const at = index - runLength + 1
    const known = positions.get(hash)
    if (known === undefined) positions.set(hash, [at])
    else known.push(at)
  }
  return positions
}

function eachHash(text: string, visit: (hash: number) => void): void {
  const window = new RollingHash()
  forEachPlain(text, (character) => {
    const hash = window.push(character)
    if (hash !== undefined) visit(hash)
  })
}

const multiplier = 0x01000193
const outgoing = Array.from({ length: runLength }).reduce<number>((power) => Math.imul(power, multiplier), 1)

/** Hash of the last 16 characters. Two runs may share one by chance, which masks 16 characters too many. */
class RollingHash {
  readonly #last = new Uint16Array(runLength)
  #count = 0
  #hash = 0

  push(character: number): number | undefined {
    const slot = this.#count % runLength
    const gone = this.#last[slot] ?? 0
    this.#last[slot] = character
    this.#count += 1
    this.#hash = (Math.imul(this.#hash, multiplier) + character - Math.imul(gone, outgoing)) | 0
    return this.#count < runLength ? undefined : this.#hash
  }
}

const backslash = 0x5c
const space = 0x20
const unicodeEscape = /^u[0-9a-fA-F]{4}/

/** Escapes of any depth count as the character they stand for, and a run of white space as one space. */
function forEachPlain(text: string, visit: (character: number, start: number, end: number) => void): void {
  let wasSpace = false
  for (let index = 0; index < text.length;) {
    const start = index
    let character = text.charCodeAt(index)
    index += 1
    if (character === backslash) {
      while (text.charCodeAt(index) === backslash) index += 1
      character = text.charCodeAt(index)
      if (Number.isNaN(character)) return
      const digits = unicodeEscape.exec(text.slice(index, index + 5))
      if (digits !== null) character = Number.parseInt(digits[0].slice(1), 16)
      else if (character === 0x6e || character === 0x72 || character === 0x74) character = space
      index += digits === null ? 1 : 5
    }
    const isSpace = character <= space
    if (isSpace && wasSpace) continue
    wasSpace = isSpace
    visit(isSpace ? space : character, start, index)
  }
}

/** What carries a credential by its form, whoever it belongs to. */
const credentialPatterns: readonly RegExp[] = [
  /\bBearer\s+[^\s"',}]+/gi,
  /\b(?:sk|pk|rk|hf|gsk|xai|llmr)[-_][A-Za-z0-9*_-]{8,}/g,
  /\bAIza[A-Za-z0-9_-]{20,}/g,
  /\beyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9._-]+/g,
  /(?<=\bapi[-_]?key\W{1,4})[^\s"',}]{6,}/gi,
  /(?<=:\/\/)[^\s/@"]+:[^\s/@"]+(?=@)/g,
]

function credentialRanges(window: string): Range[] {
  return credentialPatterns.flatMap((pattern) =>
    Array.from(window.matchAll(pattern), ({ index, 0: found }) => ({ from: index, to: index + found.length })),
  )
}

function secretRanges(window: string, secrets: readonly string[]): Range[] {
  const ranges: Range[] = []
  for (const secret of secrets) {
    if (secret === '') continue
    for (let at = window.indexOf(secret); at !== -1; at = window.indexOf(secret, at + secret.length)) {
      ranges.push({ from: at, to: at + secret.length })
    }
  }
  return ranges
}

/** Each stretch of overlapping or touching ranges replaced by one mask, then cut to what is shown. */
function cutOut(window: string, ranges: Range[], shownLength: number): string {
  let shown = ''
  let end = 0
  for (const { from, to } of ranges.sort((a, b) => a.from - b.from)) {
    if (from >= shownLength) break
    if (from > end || end === 0) shown += window.slice(end, from) + mask
    end = Math.max(end, to)
  }
  shown += window.slice(end, Math.max(end, shownLength))
  return shown.length > excerptMaxLength ? `${shown.slice(0, excerptMaxLength)}…` : shown
}
