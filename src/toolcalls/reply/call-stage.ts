import type { ReplyPart } from '../../core/chat/reply-part.ts'
import type { CallReader } from '../inject/call-reader.ts'
import type { ReplyStage, StageEnd } from './reply-stage.ts'

/** Calls read out of a reply. */
export class CallStage implements ReplyStage {
  readonly #reader: CallReader

  constructor({ openReader }: { readonly openReader: () => CallReader }) {
    this.#reader = openReader()
  }

  read(part: ReplyPart): readonly ReplyPart[] {
    return this.#reader.read(part)
  }

  end(): StageEnd {
    return { parts: this.#reader.end() }
  }

  giveUp(): readonly ReplyPart[] {
    return []
  }
}
