import type { ReplyPart } from '../../core/chat/reply-part.ts'
import type { ReplyStage, StageEnd } from './reply-stage.ts'

/** Stages one behind the other. What a stage asked for begins at that stage: those before it had their say. */
export class StageChain implements ReplyStage {
  readonly #stages: readonly ReplyStage[]
  #first = 0

  constructor(stages: readonly ReplyStage[]) {
    this.#stages = stages
  }

  read(part: ReplyPart): readonly ReplyPart[] {
    return this.#through([part], this.#first)
  }

  end(): StageEnd {
    let parts: readonly ReplyPart[] = []
    for (let at = this.#first; at < this.#stages.length; at++) {
      const stage = this.#stages[at]
      const ending = stage?.end()
      parts = [...parts, ...(ending?.parts ?? [])]
      if (ending?.ask !== undefined) {
        this.#first = at
        return { parts: this.#through(parts, at + 1), ask: ending.ask }
      }
      const next = this.#stages[at + 1]
      if (next !== undefined) parts = parts.flatMap((part) => next.read(part))
    }
    return { parts }
  }

  giveUp(): readonly ReplyPart[] {
    let parts: readonly ReplyPart[] = []
    for (const stage of this.#stages.slice(this.#first)) {
      parts = [...parts.flatMap((part) => stage.read(part)), ...stage.giveUp()]
    }
    return parts
  }

  #through(parts: readonly ReplyPart[], first: number): readonly ReplyPart[] {
    return this.#stages.slice(first).reduce((said, stage) => said.flatMap((part) => stage.read(part)), parts)
  }
}
