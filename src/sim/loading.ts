import { LlmrError } from '../core/error.ts'

/** Whether the model is loaded, and who waits for it. */
export class Loading {
  #isLoading = true
  #loaded = deferred()

  get isLoading(): boolean {
    return this.#isLoading
  }

  get loaded(): Promise<void> {
    return this.#loaded.promise
  }

  start(): void {
    if (this.#isLoading) return
    this.#isLoading = true
    this.#loaded = deferred()
  }

  finish(): void {
    this.#isLoading = false
    this.#loaded.resolve()
  }

  /** Whoever still waits is told that nothing will come. */
  close(): void {
    this.#loaded.reject(new LlmrError('shutting_down', 'The simulated engine closed before its model was loaded.'))
  }
}

function deferred(): PromiseWithResolvers<void> {
  const made = Promise.withResolvers<void>()
  made.promise.catch(() => undefined) // nobody need wait for it
  return made
}
