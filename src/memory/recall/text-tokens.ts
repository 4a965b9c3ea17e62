/** About how many tokens a text has: four characters each, in scripts whose characters are words or syllables one each. */
export function textTokens(text: string): number {
  const dense = text.match(denseCharacters)?.length ?? 0
  return Math.ceil((text.length - dense) / 4 + dense)
}

/** As much of a text as so many tokens hold, its end left out and said to be. */
export function firstTokens(text: string, tokens: number): string {
  if (textTokens(text) <= tokens) return text
  // No character costs more than one token, and none less than a quarter.
  let length = Math.min(text.length, tokens * 4)
  while (length > 0 && textTokens(text.slice(0, length)) > tokens - cutTokens) length = Math.floor(length * 0.9)
  return `${text.slice(0, length).trimEnd()} […]`
}

const cutTokens = 2

const denseCharacters = /[\u1100-\u11FF\u2E80-\u9FFF\uAC00-\uD7AF\uF900-\uFAFF]/g
