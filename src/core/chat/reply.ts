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
  const parts: AssistantPart[] = []
  const callAt = new Map<number, number>()
  let rest: Omit<Reply, 'parts'> = { finishReason: 'stop' }
  for (const part of stream) {
    switch (part.type) {
      case 'start':
        if (part.model !== undefined) rest = { ...rest, model: part.model }
        break
      case 'text':
      case 'refusal':
      case 'reasoning':
        append(parts, part)
        break
      case 'call-start':
        callAt.set(part.call, parts.length)
        parts.push({ type: 'tool-call', id: part.id, name: part.name, argumentsText: '' })
        break
      case 'call-arguments': {
        const at = callAt.get(part.call)
        const call = at === undefined ? undefined : parts[at]
        if (at !== undefined && call?.type === 'tool-call')
          parts[at] = { ...call, argumentsText: call.argumentsText + part.text }
        break
      }
      case 'finish':
        rest = { ...rest, finishReason: part.reason, stopSequence: part.stopSequence }
        break
      case 'usage':
        rest = { ...rest, usage: { ...rest.usage, ...part.usage } }
        break
      case 'timings':
        rest = { ...rest, timings: part.timings }
        break
      case 'error':
        throw part.error
    }
  }
  return { ...rest, parts }
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

function append(parts: AssistantPart[], part: Extract<ReplyPart, { type: 'text' | 'refusal' | 'reasoning' }>): void {
  const last = parts.at(-1)
  if (last?.type !== part.type) {
    parts.push(part)
    return
  }
  const text = last.text + part.text
  const signature = part.type === 'reasoning' ? part.signature : undefined
  parts[parts.length - 1] = { ...last, text, ...(signature !== undefined && { signature }) }
}
