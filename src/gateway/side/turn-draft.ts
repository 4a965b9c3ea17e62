import type { Reply } from '../../core/chat/reply.ts'
import type { RequestRecord } from '../../core/request-record.ts'
import type { Turn, TurnBeginning } from '../../core/turn.ts'
import type { EventSource } from '../../events/cloud-event.ts'
import type { SpoolBeginning } from '../../events/spool/spool-entry.ts'
import { turnBeginningOf, turnEndOf } from '../../events/turn-of.ts'
import { turnEventBeginning, turnEventRest } from '../../events/write-turn-event.ts'
import { shownHistory } from '../../memory/identity/shown-history.ts'
import type { Remembered } from '../request/memory/remembered.ts'
import type { SpoolIntake } from './spool-intake.ts'

export interface TurnDraftParts {
  readonly record: RequestRecord
  readonly remembered: Remembered
  readonly source: EventSource
  readonly spool: Pick<SpoolIntake, 'begin' | 'finish'>
}

/**
 * One turn on its way into the spool. All that is known before its end is written while the engine is at work, however
 * long the history: for what is done at the end a client waits.
 */
export class TurnDraft {
  readonly #parts: TurnDraftParts
  #begun: { readonly turn: TurnBeginning; readonly spooled: SpoolBeginning } | undefined

  constructor(parts: TurnDraftParts) {
    this.#parts = parts
  }

  /** Once its place is known, or known not to be found in time. What is called again does nothing. */
  prepare(): void {
    this.#begin()
  }

  /**
   * Once. In the kernel's hands when it returns, where there is room.
   *
   * @param record as it is at the end
   */
  finish(record: RequestRecord, reply: Reply | undefined): Turn {
    const { turn, spooled } = this.#begin()
    const end = turnEndOf(record, reply)
    this.#parts.spool.finish(spooled, turnEventRest(end))
    return { ...turn, ...end }
  }

  #begin() {
    if (this.#begun !== undefined) return this.#begun
    const { record, remembered, source, spool } = this.#parts
    const { scope, claims, userText, messages, found: place } = remembered
    const history = isHistoryNew(remembered) ? shownHistory(messages) : undefined
    const turn = turnBeginningOf({ record, scope, place, claims, userText, history, messages })
    this.#begun = { turn, spooled: spool.begin(turnEventBeginning(turn, source)) }
    return this.#begun
  }
}

/** Of a conversation that is known, what the client shows is kept already. */
function isHistoryNew({ found, claims }: Remembered): boolean {
  return claims.rounds.length > 0 && (found === undefined || found.tier === 'new')
}
