/** Counts what was started within the last minute. Times are milliseconds of one monotonic clock. */
export interface MinuteWindow {
  /** 0: there is room for one more. Otherwise milliseconds until there is. */
  waitMs(limit: number, nowMs: number): number
  add(nowMs: number): void
  isEmpty(nowMs: number): boolean
}

/**
 * One counter a second, so that a key with a limit of a million costs no more than one with a limit of ten. The price: a
 * start counts until the second it fell into is a whole minute old, so up to one second longer than it must. Never
 * shorter: no 60 seconds, wherever they begin, hold more than the limit.
 */
export function createMinuteWindow(): MinuteWindow {
  const counts = new Uint32Array(secondsKept)
  let newestSecond = Number.NEGATIVE_INFINITY
  let total = 0

  /** Forgets what has left the window since the last call. */
  const moveTo = (second: number): void => {
    const from = Math.max(newestSecond + 1, second - secondsKept + 1)
    for (let passing = from; passing <= second; passing++) {
      total -= at(passing)
      counts[passing % secondsKept] = 0
    }
    newestSecond = Math.max(newestSecond, second)
  }

  const at = (second: number): number => counts[second % secondsKept] ?? 0

  return {
    waitMs(limit, nowMs) {
      moveTo(secondOf(nowMs))
      if (total < limit) return 0
      let remaining = total
      let second = newestSecond - secondsKept
      while (remaining >= limit && second < newestSecond) {
        second += 1
        remaining -= at(second)
      }
      return (second + secondsKept) * 1000 - nowMs
    },
    add(nowMs) {
      const second = secondOf(nowMs)
      moveTo(second)
      counts[second % secondsKept] = at(second) + 1
      total += 1
    },
    isEmpty(nowMs) {
      moveTo(secondOf(nowMs))
      return total === 0
    },
  }
}

/** Sixty full seconds and the one that has begun. */
const secondsKept = 61

function secondOf(nowMs: number): number {
  return Math.floor(nowMs / 1000)
}
