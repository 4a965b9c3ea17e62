import type { HeldSlot } from './slot-calls.ts'

/** A slot that holds a conversation worth keeping. */
export interface WarmSlot {
  readonly slotId: number
  /** Whose first request after a restore shows whether that was of use. */
  readonly conversation: string
  /** Higher is more recent. */
  readonly lastUse: number
}

/** More than any engine has slots; who was here before those has long been overwritten. */
const rememberedMax = 64

/** Less than this is read again before anybody notices. */
const tokensMin = 256

/** An engine counts the last token of a reply or does not, and may have put a token of its own in front. */
const toleratedTokens = 8

/**
 * The conversations that one engine has served last. No reply names the slot that it was computed in, but what a
 * conversation has grown to is in its usage, and what a slot holds is told by the engine: that is how they are matched.
 */
export class WarmConversations {
  /** The least recent first. */
  readonly #known = new Map<string, { readonly tokens: number; readonly lastUse: number }>()
  #uses = 0

  /** @param tokens of its last prompt and the reply together. */
  served(conversation: string, tokens: number): void {
    this.#known.delete(conversation)
    this.#uses += 1
    this.#known.set(conversation, { tokens, lastUse: this.#uses })
    const [oldest] = this.#known.keys()
    if (this.#known.size > rememberedMax && oldest !== undefined) this.#known.delete(oldest)
  }

  /** The most recent first. Slots that hold little, or something that is no conversation of ours, are left out. */
  find(slots: readonly HeldSlot[]): readonly WarmSlot[] {
    const warm: WarmSlot[] = []
    for (const [conversation, { tokens, lastUse }] of [...this.#known].toReversed()) {
      if (tokens < tokensMin) continue
      const [best] = slots
        .filter(({ slotId }) => !warm.some((taken) => taken.slotId === slotId))
        .map(({ slotId, tokens: held }) => ({ slotId, difference: Math.abs(held - tokens) }))
        .filter(({ difference }) => difference <= toleratedTokens)
        .toSorted((one, other) => one.difference - other.difference)
      if (best !== undefined) warm.push({ slotId: best.slotId, conversation, lastUse })
    }
    return warm
  }
}
