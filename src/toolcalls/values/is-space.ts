/** White space as JSON knows it: what models put between tokens. */
export function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09
}

/** Where the white space that ends a text begins. Linear, as the usual pattern is not. */
export function spaceAtEnd(text: string): number {
  let at = text.length
  while (at > 0 && isSpace(text.charCodeAt(at - 1))) at--
  return at
}

/** Where the white space that begins a text ends. */
export function spaceAtStart(text: string): number {
  let at = 0
  while (at < text.length && isSpace(text.charCodeAt(at))) at++
  return at
}
