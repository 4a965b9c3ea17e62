import fc from 'fast-check'

import type { AssistantPart } from '../../src/core/chat/message.ts'
import type { Reply } from '../../src/core/chat/reply.ts'

/** Replies as a dialect can say them: at most one part of each type in `order`, but several calls. */
export function anyReply({
  order,
  hasSignatures,
}: {
  readonly order: readonly AssistantPart['type'][]
  readonly hasSignatures: boolean
}): fc.Arbitrary<Reply> {
  const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
  const call = fc
    .record({
      name: fc.stringMatching(/^[a-z_]{1,12}$/),
      args: fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 3 }),
    })
    .map(({ name, args }) => ({ name, argumentsText: JSON.stringify(args) }))
  const calls = fc
    .array(call, { maxLength: 3 })
    .map((list) => list.map((made, at): AssistantPart => ({ type: 'tool-call', id: `call_${at}`, ...made })))
  const partsOfType = (type: AssistantPart['type']): fc.Arbitrary<AssistantPart[]> => {
    if (type === 'tool-call') return calls
    const said = fc.record({ text, signature: fc.stringMatching(/^[A-Za-z0-9+/]{4,12}$/) })
    return fc.option(said, { nil: undefined }).map((found): AssistantPart[] => {
      if (found === undefined) return []
      const signature = type === 'reasoning' && hasSignatures ? { signature: found.signature } : {}
      return [{ type, text: found.text, ...signature }]
    })
  }
  return fc
    .record({
      parts: fc.tuple(...order.map(partsOfType)).map((lists) => lists.flat()),
      usage: fc.record({ promptTokens: fc.nat(9_999), completionTokens: fc.nat(9_999) }),
      isCut: fc.boolean(),
    })
    .map(({ parts, usage, isCut }) => {
      const hasCalls = parts.some(({ type }) => type === 'tool-call')
      return { parts, usage, finishReason: isCut ? 'length' : hasCalls ? 'calls' : 'stop' }
    })
}
