interface Call {
  readonly id: string
  isOpen: boolean
}

/**
 * Which result belongs to which call: most clients say neither an id at the call nor one at the result. Ids are numbered
 * through the conversation, so that it begins the same at every turn. No step looks through all calls, of which a
 * client may send any number.
 */
export class OpenCalls {
  readonly #all = new CallQueue()
  readonly #byName = new Map<string, CallQueue>()
  readonly #byId = new Map<string, Call[]>()
  #count = 0

  open(name: string, givenId: string | undefined): string {
    const call: Call = { id: givenId || `call_${this.#count}`, isOpen: true }
    this.#count++
    this.#all.push(call)
    const named = this.#byName.get(name) ?? new CallQueue()
    this.#byName.set(name, named.push(call))
    const sameId = this.#byId.get(call.id)
    if (sameId === undefined) this.#byId.set(call.id, [call])
    else sameId.push(call)
    return call.id
  }

  /** The call meant by its id, else the oldest of that name, else the oldest that has no result yet. */
  answer(name: string | undefined, givenId: string | undefined): string {
    if (givenId) {
      for (const call of this.#byId.get(givenId) ?? []) call.isOpen = false
      return givenId
    }
    const call = (name === undefined ? undefined : this.#byName.get(name)?.oldest()) ?? this.#all.oldest()
    if (call === undefined) return ''
    call.isOpen = false
    return call.id
  }
}

/** Calls in the order in which they were made. */
class CallQueue {
  readonly #calls: Call[] = []
  #next = 0

  push(call: Call): this {
    this.#calls.push(call)
    return this
  }

  /** The first that is still open. Those before it are never looked at again. */
  oldest(): Call | undefined {
    while (this.#calls[this.#next]?.isOpen === false) this.#next++
    return this.#calls[this.#next]
  }
}
