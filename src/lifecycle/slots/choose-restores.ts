export interface RestoreCandidate {
  readonly conversation: string
  readonly bytes: number
  /** Higher is more recent. */
  readonly lastUse: number
}

export interface RestoreWishes {
  /** Conversations of requests that wait for the model at this moment. */
  readonly awaited: ReadonlySet<string>
  readonly diskBytesPerSecond: number
}

/** Whoever waits now would pay for the conversations of others. */
const othersSecondsMax = 1

/**
 * What to put back before an engine serves: first the conversations that are waited for, then the most recent of the
 * others for as long as that holds up nobody for more than a second.
 */
export function chooseRestores<Candidate extends RestoreCandidate>(
  saved: readonly Candidate[],
  { awaited, diskBytesPerSecond }: RestoreWishes,
): readonly Candidate[] {
  const byRecency = saved.toSorted((one, other) => other.lastUse - one.lastUse)
  let othersBytes = othersSecondsMax * diskBytesPerSecond
  const others = byRecency.filter(({ conversation, bytes }) => {
    if (awaited.has(conversation) || bytes > othersBytes) return false
    othersBytes -= bytes
    return true
  })
  return [...byRecency.filter(({ conversation }) => awaited.has(conversation)), ...others]
}
