/**
 * A tokenizer without a vocabulary: up to four letters or digits with the space before them are one token, and so is
 * every other character. A token's number holds its own text, so that any text comes back from its tokens.
 */
export function tokenize(text: string): number[] {
  return Array.from(pieces(text), tokenOf)
}

/** The text in token-sized pieces; joined they are the text again. */
export function pieces(text: string): string[] {
  return text.match(piecePattern) ?? []
}

export function detokenize(tokens: readonly number[]): string {
  return tokens.map(pieceOf).join('')
}

const piecePattern = / ?[A-Za-z0-9]{1,4}|[\s\S]/gu

// 31 bits, since clients keep tokens as int32: four ASCII characters of 7 bits, or one code point, and these marks.
const spaceMark = 2 ** 28
const codePointMark = 2 ** 29

/** One more than the largest token. */
export const vocabularySize = 2 ** 30

export function tokenOf(piece: string): number {
  const codePoint = piece.codePointAt(0) ?? 0
  const isWord = /^ ?[A-Za-z0-9]+$/.test(piece)
  if (!isWord) return codePointMark + codePoint
  const word = piece.trimStart()
  let token = word.length < piece.length ? spaceMark : 0
  for (let index = 0; index < word.length; index += 1) token += word.charCodeAt(index) * 128 ** index
  return token
}

export function pieceOf(token: number): string {
  if (!Number.isInteger(token) || token < 0 || token >= vocabularySize) return '\uFFFD'
  if (token >= codePointMark) {
    const codePoint = token - codePointMark
    return codePoint <= 0x10_ffff ? String.fromCodePoint(codePoint) : '\uFFFD'
  }
  let piece = token >= spaceMark ? ' ' : ''
  for (let rest = token % spaceMark; rest > 0; rest = Math.floor(rest / 128)) piece += String.fromCharCode(rest % 128)
  return piece
}
