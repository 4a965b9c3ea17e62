import type { LlmrError } from '../../core/error.ts'

export interface Turn {
  readonly requestId: string
  readonly model: string
  /** Nobody is sent to the model for it. */
  readonly isLoadOnly: boolean
  /** Known where conversations are saved over swaps. */
  readonly conversation?: string
}

interface WaitingTurn extends Turn {
  resolve(outcome: 'in' | 'gone'): void
  reject(error: LlmrError): void
}

/** Everyone who waits for a model, and everyone who has been let in and has not left. Decides nothing. */
export class Turns {
  readonly #waiting = new Map<string, WaitingTurn>()
  readonly #inside = new Map<string, Turn>()
  /** Told when somebody has left. */
  #listeners: (() => void)[] = []

  /** Settled by `serve`, `refuse` or `cancel`, whichever comes first. */
  wait(turn: Turn): Promise<'in' | 'gone'> {
    return new Promise((resolve, reject) => {
      this.#waiting.set(turn.requestId, { ...turn, resolve, reject })
    })
  }

  /** Of those who wait for a model. */
  conversations(model: string): ReadonlySet<string> {
    const turns = this.#waiting.values().filter((turn) => turn.model === model)
    return new Set(turns.flatMap(({ conversation }) => (conversation === undefined ? [] : [conversation])))
  }

  isWaiting(requestId: string): boolean {
    return this.#waiting.has(requestId)
  }

  /** False when it has left meanwhile: its place must not stay taken. */
  serve(requestId: string): boolean {
    const turn = this.#take(requestId)
    if (turn === undefined) return false
    if (!turn.isLoadOnly) this.#inside.set(requestId, turn)
    turn.resolve('in')
    return true
  }

  /** Inside without having waited; `leave` is owed. */
  visit(turn: Turn): void {
    this.#inside.set(turn.requestId, turn)
  }

  refuse(requestId: string, error: LlmrError): void {
    this.#take(requestId)?.reject(error)
  }

  refuseAll(error: LlmrError): void {
    for (const requestId of this.#waiting.keys()) this.refuse(requestId, error)
  }

  /** False when it did not wait any more. */
  cancel(requestId: string): boolean {
    const turn = this.#take(requestId)
    turn?.resolve('gone')
    return turn !== undefined
  }

  /** The turn that ends with it; absent when it had left before. */
  leave(requestId: string): Turn | undefined {
    const turn = this.#inside.get(requestId)
    this.#inside.delete(requestId)
    return turn
  }

  /** To be called when whoever counts places knows that one has left: those who wait for an idle model look again. */
  announce(): void {
    const listeners = this.#listeners
    if (listeners.length === 0) return
    this.#listeners = []
    for (const listener of listeners) listener()
  }

  /** Resolves when nobody is inside. */
  async whenIdle(model: string): Promise<void> {
    while (this.#inside.values().some((turn) => turn.model === model)) {
      await new Promise<void>((resolve) => this.#listeners.push(resolve))
    }
  }

  #take(requestId: string): WaitingTurn | undefined {
    const turn = this.#waiting.get(requestId)
    this.#waiting.delete(requestId)
    return turn
  }
}
