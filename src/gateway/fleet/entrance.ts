import { LlmrError } from '../../core/error.ts'
import type { ServedConversation } from '../../lifecycle/slots/conversation-saver.ts'
import type { Lane } from '../../scheduling/lane.ts'
import type { ManagedSet } from './managed-set.ts'
import type { SchedulerLoop } from './scheduler-loop.ts'
import type { Turns } from './turns.ts'

/** What a request has shown of its conversation, where that is known. */
export type ShownReply = Omit<ServedConversation, 'conversation'>

export interface EntranceParts {
  readonly managed: ManagedSet
  readonly loop: SchedulerLoop
  readonly turns: Turns
  readonly isLoaded: (model: string) => boolean
  /** A request that names its conversation has left, and said what it has shown. */
  readonly onServed: (model: string, served: ServedConversation) => void
}

export interface EnteringRequest {
  readonly requestId: string
  readonly model: string
  readonly lane: Lane
  readonly principal: string
  /** Of models that save conversations. */
  readonly conversation?: string
  readonly onCancel: (cancel: () => void) => void
}

/** Where requests ask for their turn at a model that llmr starts itself, and give it back. */
export class Entrance {
  readonly #parts: EntranceParts
  #loadCount = 0
  #isClosed = false

  constructor(parts: EntranceParts) {
    this.#parts = parts
  }

  /**
   * Resolves when it is this request's turn (`leave` is owed then) or its client has gone.
   *
   * @throws LlmrError why it was refused: a full queue, a load that failed, too long a wait
   */
  enter({ requestId, model, lane, principal, conversation, onCancel }: EnteringRequest): Promise<'in' | 'gone'> {
    if (this.#isClosed) return Promise.reject(shuttingDown())
    const { loop, turns } = this.#parts
    const turn = turns.wait({ requestId, model, isLoadOnly: false, conversation })
    onCancel(() => this.#cancel(requestId))
    // Called at once when the client has gone already: no model is brought in for nobody.
    if (turns.isWaiting(requestId)) {
      loop.tell({ type: 'arrive', requestId, model, lane, principal, weight: 1, deadlineMs: this.#deadlineMs() })
    }
    return turn
  }

  leave(requestId: string, reply?: ShownReply): void {
    const { loop, turns, onServed } = this.#parts
    const turn = turns.leave(requestId)
    if (turn === undefined) return
    const { model, conversation } = turn
    if (conversation !== undefined && reply !== undefined) onServed(model, { conversation, ...reply })
    loop.tell({ type: 'finished', requestId })
    turns.announce()
  }

  /**
   * Holds a model that is in memory without a turn of its own, for what only looks at it: it takes no slot and loads
   * nothing, and a stop waits for it. False when the model is not there; else `endVisit` is owed.
   */
  visit(requestId: string, model: string): boolean {
    if (!this.#parts.isLoaded(model)) return false
    this.#parts.turns.visit({ requestId, model, isLoadOnly: false })
    return true
  }

  endVisit(requestId: string): void {
    const { turns } = this.#parts
    if (turns.leave(requestId) !== undefined) turns.announce()
  }

  /**
   * Brings a model in without a request of its own. Resolves when it is there, or nobody waits for it any more; a load that
   * has begun goes on then.
   *
   * @throws LlmrError as `enter`
   */
  async load(model: string, onCancel?: (cancel: () => void) => void): Promise<void> {
    const { managed, loop, turns } = this.#parts
    managed.expect(model)
    if (this.#isClosed) throw shuttingDown()
    const requestId = `load:${++this.#loadCount}`
    const turn = turns.wait({ requestId, model, isLoadOnly: true })
    loop.tell({
      type: 'arrive',
      requestId,
      model,
      lane: 'interactive',
      principal: 'operator',
      weight: 1,
      deadlineMs: this.#deadlineMs(),
      isLoadOnly: true,
    })
    onCancel?.(() => this.#cancel(requestId))
    await turn
  }

  /** Who waits is refused now, and whoever comes from now on; who is in goes on. */
  close(): void {
    this.#isClosed = true
    this.#parts.turns.refuseAll(shuttingDown())
  }

  #cancel(requestId: string): void {
    const { loop, turns } = this.#parts
    if (turns.cancel(requestId)) loop.tell({ type: 'cancel', requestId })
  }

  #deadlineMs(): number {
    const { loop, managed } = this.#parts
    return loop.nowMs + managed.plan.queueTimeoutMs
  }
}

function shuttingDown(): LlmrError {
  return new LlmrError('shutting_down', 'llmr is shutting down; ask again in a moment.', { retryAfterSeconds: 5 })
}
