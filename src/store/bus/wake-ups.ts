/** Ends the waits of consumers in this process when there may be something for them. */
export class WakeUps {
  #waiting = new Set<() => void>()

  wake(): void {
    for (const end of this.#waiting) end()
  }

  /** Until somebody wakes, the time is over, or the signal is given; whichever comes first. */
  async wait(timeoutMs: number, signal: AbortSignal | undefined): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const end = (): void => resolve()
    const timer = setTimeout(end, timeoutMs)
    this.#waiting.add(end)
    signal?.addEventListener('abort', end, { once: true })
    await promise
    clearTimeout(timer)
    this.#waiting.delete(end)
    signal?.removeEventListener('abort', end)
  }
}
