/**
 * What has to be done before a client has the end of its reply. It is done once, however many ways lead to the end, and
 * what goes out after it waits for it, in order. Owned by one attempt.
 */
export class Seal {
  #pending: Promise<void> | undefined
  #isBegun = false

  /** The end is held back. */
  get isPending(): boolean {
    return this.#pending !== undefined
  }

  /** @param work may give a promise, which never rejects */
  begin(work: () => Promise<void> | void): void {
    if (this.#isBegun) return
    this.#isBegun = true
    const done = work()
    if (done === undefined) return
    this.#pending = done.then(() => {
      this.#pending = undefined
    })
  }

  /** At once where nothing is waited for. */
  whenDone(act: () => void): void {
    if (this.#pending === undefined) act()
    else void this.#pending.then(act)
  }
}
