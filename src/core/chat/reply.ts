import type { AssistantPart } from './message.ts'
import type { FinishReason, ReplyPart, Timings, Usage } from './reply-part.ts'

/** A reply that is whole. */
export interface Reply {
  /** The engine's name of the model, where it gave one. */
  readonly model?: string
  /** In the order in which they began. */
  readonly parts: readonly AssistantPart[]
  readonly finishReason: FinishReason
  readonly stopSequence?: string
  readonly usage?: Usage
  readonly timings?: Timings
}

/** The reply that the parts of a stream add up to. @throws the error that the stream ended with */
export function replyOf(stream: Iterable<ReplyPart>): Reply {
  const soFar = new ReplySoFar()
  for (const part of stream) soFar.add(part)
  return soFar.reply()
}

/** A reply while it comes: of a hundred thousand parts no more is kept than what they add up to. */
export class ReplySoFar {
  readonly #parts: AssistantPart[] = []
  /** Of calls, where they stand. */
  readonly #callAt = new Map<number, number>()
  #rest: Omit<Reply, 'parts'> = { finishReason: 'stop' }
  /** Text of one kind that has not ended. */
  #open: { readonly type: 'text' | 'refusal' | 'reasoning'; text: string; signature?: string } | undefined

  /** @throws the error that the stream ended with */
  add(part: ReplyPart): void {
    switch (part.type) {
      case 'start':
        if (part.model !== undefined) this.#rest = { ...this.#rest, model: part.model }
        break
      case 'text':
      case 'refusal':
      case 'reasoning':
        this.#say(part)
        break
      case 'call-start':
        this.#endText()
        this.#callAt.set(part.call, this.#parts.length)
        this.#parts.push({ type: 'tool-call', id: part.id, name: part.name, argumentsText: '' })
        break
      case 'call-arguments': {
        const at = this.#callAt.get(part.call)
        const call = at === undefined ? undefined : this.#parts[at]
        if (at !== undefined && call?.type === 'tool-call')
          this.#parts[at] = { ...call, argumentsText: call.argumentsText + part.text }
        break
      }
      case 'finish':
        this.#rest = { ...this.#rest, finishReason: part.reason, stopSequence: part.stopSequence }
        break
      case 'usage':
        this.#rest = { ...this.#rest, usage: { ...this.#rest.usage, ...part.usage } }
        break
      case 'timings':
        this.#rest = { ...this.#rest, timings: part.timings }
        break
      case 'error':
        throw part.error
    }
  }

  /** As far as it came; more may follow. */
  reply(): Reply {
    const parts = this.#open === undefined ? [...this.#parts] : [...this.#parts, { ...this.#open }]
    return { ...this.#rest, parts }
  }

  #say(part: Extract<ReplyPart, { type: 'text' | 'refusal' | 'reasoning' }>): void {
    if (this.#open?.type !== part.type) {
      this.#endText()
      this.#open = { type: part.type, text: '' }
    }
    this.#open.text += part.text
    if (part.type === 'reasoning' && part.signature !== undefined) this.#open.signature = part.signature
  }

  #endText(): void {
    if (this.#open !== undefined) this.#parts.push(this.#open)
    this.#open = undefined
  }
}

/** The parts of which a stream with this reply would consist: for clients that want a stream from an engine that gave none. */
export function partsOf(reply: Reply): ReplyPart[] {
  const { model, usage, timings, finishReason: reason, stopSequence } = reply
  let calls = 0
  return [
    { type: 'start', model },
    ...reply.parts.flatMap((part): ReplyPart[] => {
      if (part.type !== 'tool-call') return [part]
      const call = calls++
      return [
        { type: 'call-start', call, id: part.id, name: part.name },
        { type: 'call-arguments', call, text: part.argumentsText },
      ]
    }),
    { type: 'finish', reason, stopSequence },
    ...(usage === undefined ? [] : [{ type: 'usage', usage } as const]),
    ...(timings === undefined ? [] : [{ type: 'timings', timings } as const]),
  ]
}
