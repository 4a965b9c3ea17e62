/** One of the engine's places to work, and the tokens whose state it still holds. */
export interface Slot {
  readonly id: number
  tokens: readonly number[]
  isBusy: boolean
  /** For choosing the one unused longest. */
  usedAt: number
}

/** A slot while one request has it. */
export interface Lease {
  readonly slot: Slot
  /** Prompt tokens that need no work, since the slot's last request began with the same. */
  readonly cachedCount: number
  /** Gives the slot back with what it now holds. Only the first call counts. */
  release(tokens: readonly number[]): void
}

export interface LeaseWish {
  readonly prompt: readonly number[]
  /** Only this slot will do; a number that no slot has means any. */
  readonly slotId?: number | undefined
  readonly mayUseCache: boolean
  /** Ends the wait for a slot; the wait then rejects. */
  readonly signal: AbortSignal
}

interface Waiter {
  readonly wish: LeaseWish
  readonly grant: (slot: Slot) => void
}

/** Below this share of the prompt a common beginning is chance, and the slot used least recently is taken. */
const similarityMin = 0.1

/** Requests over a fixed number of slots: first come, first served, and each to the slot that remembers most of it. */
export class SlotPool {
  readonly slots: readonly Slot[]
  #waiters: Waiter[] = []
  #uses = 0

  constructor(count: number) {
    this.slots = Array.from({ length: count }, (_, id) => ({ id, tokens: [], isBusy: false, usedAt: 0 }))
  }

  get waitingCount(): number {
    return this.#waiters.length
  }

  /** Waits for a slot; the wait ends with one or with the signal. */
  async lease(asked: LeaseWish): Promise<Lease> {
    asked.signal.throwIfAborted()
    const isKnown = this.slots.some(({ id }) => id === asked.slotId)
    const wish = isKnown ? asked : { ...asked, slotId: undefined }
    const slot = this.#choose(wish) ?? (await this.#wait(wish))
    slot.isBusy = true
    // The last prompt token is always worked on: its result is the first token of the reply.
    const cachedCount = wish.mayUseCache ? Math.min(commonLength(slot.tokens, wish.prompt), wish.prompt.length - 1) : 0
    let isReleased = false
    return {
      slot,
      cachedCount: Math.max(cachedCount, 0),
      release: (tokens) => {
        if (isReleased) return
        isReleased = true
        slot.tokens = tokens
        this.#free(slot)
      },
    }
  }

  #choose({ prompt, slotId }: LeaseWish): Slot | undefined {
    const free = this.slots.filter((slot) => !slot.isBusy && (slotId === undefined || slot.id === slotId))
    const bySimilarity = free
      .map((slot) => ({ slot, common: commonLength(slot.tokens, prompt) }))
      .sort((one, other) => other.common - one.common || one.slot.usedAt - other.slot.usedAt)
    const [best] = bySimilarity
    if (best && best.common > prompt.length * similarityMin) return best.slot
    return free.sort((one, other) => one.usedAt - other.usedAt)[0]
  }

  #wait(wish: LeaseWish): Promise<Slot> {
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#waiters = this.#waiters.filter((other) => other !== waiter)
        reject(wish.signal.reason)
      }
      const waiter: Waiter = {
        wish,
        grant: (slot) => {
          wish.signal.removeEventListener('abort', leave)
          resolve(slot)
        },
      }
      wish.signal.addEventListener('abort', leave, { once: true })
      this.#waiters.push(waiter)
    })
  }

  #free(slot: Slot): void {
    slot.isBusy = false
    this.#uses += 1
    slot.usedAt = this.#uses
    const next = this.#waiters.find(({ wish }) => wish.slotId === undefined || wish.slotId === slot.id)
    if (!next) return
    this.#waiters = this.#waiters.filter((waiter) => waiter !== next)
    slot.isBusy = true // before its waiter runs, so that nobody comes between
    next.grant(slot)
  }
}

export function commonLength(one: readonly number[], other: readonly number[]): number {
  const length = Math.min(one.length, other.length)
  let index = 0
  while (index < length && one[index] === other[index]) index += 1
  return index
}
