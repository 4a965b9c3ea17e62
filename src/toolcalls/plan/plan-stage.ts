import type { ReplyPart } from '../../core/chat/reply-part.ts'
import type { ReplyIntervention } from '../reply/reply-intervention.ts'
import type { ReplyStage, StageEnd } from '../reply/reply-stage.ts'
import { PlanFilter } from './plan-filter.ts'

/** Keeps a plan that the model repeats out of what it says and thinks. */
export class PlanStage implements ReplyStage {
  readonly #onIntervention: (intervention: ReplyIntervention) => void
  readonly #filters: { readonly text: PlanFilter; readonly reasoning: PlanFilter }
  #isTold = false

  constructor(plan: string, onIntervention: (intervention: ReplyIntervention) => void) {
    this.#onIntervention = onIntervention
    this.#filters = { text: new PlanFilter(plan), reasoning: new PlanFilter(plan) }
  }

  read(part: ReplyPart): readonly ReplyPart[] {
    switch (part.type) {
      case 'text':
        return [...this.#rest('reasoning'), ...partOf('text', this.#filters.text.push(part.text))]
      case 'reasoning': {
        const text = this.#filters.reasoning.push(part.text)
        return part.signature === undefined ? partOf('reasoning', text) : [{ ...part, text }]
      }
      case 'call-start':
      case 'finish':
        return [...this.giveUp(), part]
      default:
        return [part]
    }
  }

  end(): StageEnd {
    return { parts: this.giveUp() }
  }

  giveUp(): readonly ReplyPart[] {
    const rest = [...this.#rest('reasoning'), ...this.#rest('text')]
    const removed = this.#filters.text.removed + this.#filters.reasoning.removed
    if (removed > 0 && !this.#isTold) {
      this.#isTold = true
      this.#onIntervention({ kind: 'plan-kept-back', detail: `${removed} characters` })
    }
    return rest
  }

  #rest(type: 'text' | 'reasoning'): readonly ReplyPart[] {
    return partOf(type, this.#filters[type].end())
  }
}

function partOf(type: 'text' | 'reasoning', text: string): readonly ReplyPart[] {
  return text === '' ? [] : [{ type, text }]
}
