const quote = 0x22
const backslash = 0x5c
const openBrace = 0x7b
const closeBrace = 0x7d
const openBracket = 0x5b
const closeBracket = 0x5d
const colon = 0x3a
const comma = 0x2c

/**
 * The bytes of a top-level member's value in a JSON object that is known to be valid. Strings are jumped over by native
 * search, so a long prompt costs next to nothing. Of duplicate keys the last counts, as it does to `JSON.parse`.
 */
export function findJsonMember(json: Buffer, key: string): { start: number; end: number } | undefined {
  const wanted = Buffer.from(JSON.stringify(key))
  let found: { start: number; end: number } | undefined
  let depth = 0
  let keyStart = -1
  let keyEnd = -1
  let valueStart = -1
  let valueEnd = -1

  const closeMember = (): void => {
    if (valueStart !== -1 && json.subarray(keyStart, keyEnd).equals(wanted))
      found = { start: valueStart, end: valueEnd }
    keyStart = -1
    valueStart = -1
  }

  for (let at = 0; at < json.length; at++) {
    const byte = json[at]
    if (byte === quote) {
      const end = stringEnd(json, at)
      if (depth === 1 && keyStart === -1) {
        keyStart = at
        keyEnd = end
      } else if (depth === 1 && keyStart !== -1 && valueStart === -2) {
        valueStart = at
      }
      valueEnd = end
      at = end - 1
    } else if (byte === openBrace || byte === openBracket) {
      if (depth === 1 && valueStart === -2) valueStart = at
      depth++
    } else if (byte === closeBrace || byte === closeBracket) {
      depth--
      if (depth === 0) closeMember()
      else valueEnd = at + 1
    } else if (byte === colon && depth === 1) {
      valueStart = -2 // the next byte that is no white space begins the value
    } else if (byte === comma && depth === 1) {
      closeMember()
    } else if (byte !== undefined && byte > 0x20) {
      if (depth === 1 && valueStart === -2) valueStart = at
      valueEnd = at + 1
    }
  }
  return found
}

/** One past the closing quote of the string that opens at `at`. */
function stringEnd(json: Buffer, at: number): number {
  let close = at
  for (;;) {
    close = json.indexOf(quote, close + 1)
    if (close === -1) return json.length
    let escapes = 0
    while (json[close - 1 - escapes] === backslash) escapes++
    if (escapes % 2 === 0) return close + 1
  }
}
