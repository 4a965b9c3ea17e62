/** Forms in which credentials turn up inside sentences: header values, API keys by their usual prefix, JSON web tokens. */
export const secretPattern =
  /\b(?:Bearer|Basic)\s+[\w.~+/=-]{6,}|\b(?:sk|hf|gsk|llmr)[-_][\w-]{12,}|\beyJ[\w-]{6,}\.[\w-]{6,}\.[\w-]*|(?<=:\/\/)[^\s/@:]*:[^\s/@]+(?=@)/gi

const textMax = 4096

/** Log text without credentials and of bounded length (4,096 UTF-16 units). */
export function maskSecrets(text: string): string {
  const bounded = text.length > textMax ? `${text.slice(0, textMax)}…` : text
  return bounded.replace(secretPattern, '[redacted]')
}
