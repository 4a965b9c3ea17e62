/** Those who wait for a model to be gone. */
export class ModelEnds {
  readonly #ends = new Map<string, PromiseWithResolvers<void>>()

  /** Resolves when the model goes, which must be under way. */
  next(name: string): Promise<void> {
    const end = this.#ends.get(name) ?? Promise.withResolvers<void>()
    this.#ends.set(name, end)
    return end.promise
  }

  tell(name: string): void {
    this.#ends.get(name)?.resolve()
    this.#ends.delete(name)
  }
}
