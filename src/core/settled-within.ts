/** Waits until the promise has settled, either way, or the time is over. Resolves true in the first case; never rejects. */
export async function settledWithin(promise: Promise<unknown>, timeoutMs: number): Promise<boolean> {
  const { promise: timeout, resolve } = Promise.withResolvers<false>()
  const timer = setTimeout(resolve, timeoutMs, false)
  const settled = promise.then(
    () => true,
    () => true,
  )
  const isSettled = await Promise.race([settled, timeout])
  clearTimeout(timer)
  return isSettled
}
