/** Numbers as people read them. */

/** @param {number | undefined} bytes */
export function size(bytes) {
  if (bytes === undefined || bytes === 0) return ''
  const gib = bytes / 2 ** 30
  return gib >= 1 ? `${round(gib)} GiB` : `${Math.round(bytes / 2 ** 20)} MiB`
}

/** @param {number | undefined} ms */
export function duration(ms) {
  if (ms === undefined) return ''
  if (ms < 1_000) return `${Math.round(ms)} ms`
  if (ms < 60_000) return `${round(ms / 1_000)} s`
  if (ms < 3_600_000) return `${Math.floor(ms / 60_000)} min ${Math.floor((ms % 60_000) / 1_000)} s`
  return `${Math.floor(ms / 3_600_000)} h ${Math.floor((ms % 3_600_000) / 60_000)} min`
}

/** @param {number | undefined} count */
export function amount(count) {
  return count === undefined ? '' : count.toLocaleString('en')
}

/**
 * Tokens a second, from the first byte on.
 *
 * @param {{ completionTokens?: number, durationMs: number, timeToFirstByteMs?: number, isStream?: boolean }} request
 */
export function rate({ completionTokens, durationMs, timeToFirstByteMs = 0, isStream = false }) {
  // A whole reply comes in one piece: its first byte says nothing of how fast it was written.
  const ms = durationMs - (isStream ? timeToFirstByteMs : 0)
  return completionTokens === undefined || completionTokens < 2 || ms < 1 ? '' : round((completionTokens / ms) * 1_000)
}

/** @param {number} value */
function round(value) {
  return value < 10 ? value.toFixed(1) : String(Math.round(value))
}
