import { planClose, planOpen } from './plan-block.ts'

/**
 * Takes a plan out of a text as it comes: the block with its markers, and the plan's own words where they are repeated
 * without them. Holds back only what may become one of these. Owned by one text.
 */
export class PlanFilter {
  readonly #plan: string
  /** The beginning of the plan, by which a repeat of it is known. */
  readonly #head: string
  #held = ''
  /** Where in the text it is: outside, in a block with so much room left, or so far into a repeat of the plan. */
  #place: { readonly in: 'text' } | { readonly in: 'block'; room: number } | { readonly in: 'repeat'; at: number } = {
    in: 'text',
  }
  /** Characters taken out. */
  removed = 0

  constructor(plan: string) {
    this.#plan = plan
    this.#head = plan.slice(0, headLength)
  }

  push(text: string): string {
    this.#held += text
    let said = ''
    for (let before = -1; before !== this.#held.length && this.#held !== '';) {
      before = this.#held.length
      said += this.#step()
    }
    return said
  }

  /** Nothing more comes. What stood in a block that was never closed was the plan. */
  end(): string {
    const held = this.#held
    this.#held = ''
    if (this.#place.in === 'text') return held
    this.removed += held.length
    return ''
  }

  #step(): string {
    switch (this.#place.in) {
      case 'text':
        return this.#inText()
      case 'block':
        this.#inBlock(this.#place)
        return ''
      case 'repeat':
        this.#inRepeat(this.#place)
        return ''
    }
  }

  #inText(): string {
    const marks = [planOpen, planClose, this.#head].map((mark) => ({ mark, at: this.#held.indexOf(mark) }))
    const [first] = marks.filter(({ at }) => at !== -1).sort((left, right) => left.at - right.at)
    if (first === undefined) {
      const kept = Math.max(...marks.map(({ mark }) => beginningAtEnd(this.#held, mark)))
      return this.#cut(this.#held.length - kept)
    }
    const said = this.#cut(first.at)
    this.#drop(first.mark.length)
    if (first.mark === planOpen) this.#place = { in: 'block', room: this.#plan.length + blockSlack }
    else if (first.mark === this.#head) this.#place = { in: 'repeat', at: this.#head.length }
    return said
  }

  /** A block that goes on beyond any plan was never closed: what follows is the answer. */
  #inBlock(block: { room: number }): void {
    const close = this.#held.indexOf(planClose)
    if (close !== -1 && close <= block.room) {
      this.#drop(close + planClose.length)
      this.#place = { in: 'text' }
      return
    }
    const dropped = Math.min(block.room, this.#held.length - beginningAtEnd(this.#held, planClose))
    this.#drop(dropped)
    block.room -= dropped
    if (block.room === 0) this.#place = { in: 'text' }
  }

  #inRepeat(repeat: { at: number }): void {
    let length = 0
    while (length < this.#held.length && this.#held[length] === this.#plan[repeat.at + length]) length++
    const isOver = length < this.#held.length || repeat.at + length === this.#plan.length
    this.#drop(length)
    repeat.at += length
    if (isOver) this.#place = { in: 'text' }
  }

  #cut(length: number): string {
    const said = this.#held.slice(0, length)
    this.#held = this.#held.slice(length)
    return said
  }

  #drop(length: number): void {
    this.removed += this.#cut(length).length
  }
}

/** How much of the text's end may be the beginning of the mark. */
function beginningAtEnd(text: string, mark: string): number {
  for (let length = Math.min(text.length, mark.length - 1); length > 0; length--) {
    if (text.endsWith(mark.slice(0, length))) return length
  }
  return 0
}

/** Characters. */
const headLength = 48
const blockSlack = 200
