import { type Reply, replyOf } from '../../../core/chat/reply.ts'
import type { ReplyPart } from '../../../core/chat/reply-part.ts'
import type { ReplyForm } from '../../../toolcalls/reply/lane-stage.ts'
import type { ReplyStart } from '../../../toolcalls/parse/start-state.ts'
import type { RelayWitness } from '../../request/reply/relay-options.ts'
import type { RoundListener } from '../../request/reply-translation.ts'
import { ReplyWitness } from '../../side/reply-witness.ts'

/** What an engine said, before anything was read out of it. */
export interface HeardReply extends Reply {
  /** Where it begins, where its prompt left the model inside a thought. */
  readonly start?: ReplyStart
}

/** Longer replies are not recorded. */
const lengthMax = 8 * 1024 * 1024

/**
 * Hears all that an engine says to one request: its bytes where they pass, else what was read of them, round by round. Owned by
 * one attempt.
 */
export class HeardReplies implements RelayWitness, RoundListener {
  readonly #form: (() => ReplyForm) | undefined
  readonly #bytes = new ReplyWitness()
  #rounds: { readonly start: ReplyStart | undefined; readonly parts: ReplyPart[] }[] = []
  #isNew = true
  #length = 0

  /** @param form by which the reply is read that comes next */
  constructor(form: (() => ReplyForm) | undefined) {
    this.#form = form
  }

  push(chunk: Buffer): void {
    this.#bytes.push(chunk)
  }

  end(): void {
    // The end is told by whoever tells of the request.
  }

  heard(parts: readonly ReplyPart[]): void {
    if (this.#length > lengthMax) return
    if (this.#isNew) this.#rounds.push({ start: this.#form?.().start, parts: [] })
    this.#isNew = false
    const said = parts.filter(({ type }) => type !== 'error')
    this.#length += said.reduce((length, part) => length + ('text' in part ? part.text.length : 0), 0)
    this.#rounds.at(-1)?.parts.push(...said)
  }

  nextRound(): void {
    this.#isNew = true
  }

  replies(): readonly HeardReply[] {
    if (this.#length > lengthMax) return []
    const reply = this.#rounds.length === 0 ? this.#bytes.reply() : undefined
    if (reply !== undefined) return [reply]
    return this.#rounds.map(({ start, parts }) => ({ ...replyOf(parts), start }))
  }
}
