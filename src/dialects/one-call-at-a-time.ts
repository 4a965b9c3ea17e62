import type { ReplyPart } from '../core/chat/reply-part.ts'
import { JsonObjectEnd } from './json-object-end.ts'

/**
 * Puts the parts of a reply into an order in which each call is whole before anything else is said: engines may interleave
 * several calls, blocks of a message may not overlap. The call that is open flows on; what comes beside it waits until
 * its arguments are a whole object, or the reply ends. What is held is a part of one reply, and bounded as that is.
 */
export class OneCallAtATime {
  #open: { readonly call: number; readonly end: JsonObjectEnd } | undefined
  #held: ReplyPart[] = []

  push(part: ReplyPart): ReplyPart[] {
    if (!isContent(part)) return [part]
    if (this.#open === undefined) return this.#pass(part)
    if (part.type === 'call-arguments' && part.call === this.#open.call) {
      const passed = this.#pass(part)
      return this.#held.length > 0 && this.#open.end.isReached ? [...passed, ...this.#release()] : passed
    }
    this.#hold(part)
    return this.#open.end.isReached ? this.#release() : []
  }

  /** Whatever waits: no more arguments will come. */
  end(): ReplyPart[] {
    const parts: ReplyPart[] = []
    while (this.#held.length > 0) parts.push(...this.#release())
    return parts
  }

  /** One item after the other, until one of them is a call that is not whole yet. */
  #release(): ReplyPart[] {
    const waiting = this.#held
    this.#held = []
    this.#open = undefined
    return waiting.flatMap((part) => this.push(part))
  }

  #pass(part: ReplyPart): ReplyPart[] {
    if (part.type === 'call-start') this.#open = { call: part.call, end: new JsonObjectEnd() }
    if (part.type !== 'call-arguments') return [part]
    // What still comes for a call that was whole is no argument.
    if (part.call !== this.#open?.call) return []
    this.#open.end.push(part.text)
    return [part]
  }

  /** Pieces of one thing become one: thousands may come before it is their turn. */
  #hold(part: ReplyPart): void {
    const at = this.#held.findLastIndex((held, index) => continues(part, held, index === this.#held.length - 1))
    const before = this.#held[at]
    if (before !== undefined && 'text' in before && 'text' in part)
      this.#held[at] = { ...before, ...part, text: before.text + part.text }
    else this.#held.push(part)
  }
}

function continues(part: ReplyPart, held: ReplyPart, isLast: boolean): boolean {
  if (part.type === 'call-arguments') return held.type === part.type && held.call === part.call
  return isLast && 'text' in part && held.type === part.type
}

function isContent({ type }: ReplyPart): boolean {
  return (
    type === 'text' || type === 'reasoning' || type === 'refusal' || type === 'call-start' || type === 'call-arguments'
  )
}
