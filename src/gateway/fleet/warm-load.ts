/**
 * The next load once its files are in the page cache, or `share` of them: the rest takes as long as before. What has been
 * measured to be quicker stays.
 */
export function warmLoadMs({
  expectedMs,
  warmMs,
  share = 1,
}: {
  readonly expectedMs: number
  readonly warmMs: number
  /** From 0 to 1; absent where nothing tells, but they have just been read. */
  readonly share?: number
}): number {
  return Math.min(expectedMs, warmMs + (expectedMs - warmMs) * (1 - share))
}
