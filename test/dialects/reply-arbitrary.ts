import * as fc from 'fast-check'

import type { ReplyPart } from '../../src/core/chat/reply-part.ts'

/** Something an engine says in one piece. */
type Said =
  | { readonly type: 'text' | 'reasoning'; readonly text: string }
  | { readonly type: 'call'; readonly name: string; readonly argumentsText: string }

const text = fc.oneof(fc.string({ minLength: 1 }), fc.constantFrom(' ', '\n\n', 'words ', '日本', '"\\'))

const said: fc.Arbitrary<Said> = fc.oneof(
  fc.record({ type: fc.constantFrom('text' as const, 'reasoning' as const), text }),
  fc.record({
    type: fc.constant('call' as const),
    name: fc.stringMatching(/^[a-z_]{1,12}$/),
    argumentsText: fc.oneof(
      fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 })).map((value) => JSON.stringify(value)),
      fc.constant(''),
    ),
  }),
)

/** The parts of a whole reply, each thing in one piece and nothing interleaved. */
export const wholeParts: fc.Arbitrary<ReplyPart[]> = fc
  .record({
    said: fc.array(said, { maxLength: 6 }),
    reason: fc.constantFrom('stop' as const, 'length' as const),
    usage: fc.option(fc.record({ promptTokens: fc.nat(), completionTokens: fc.nat() }), { nil: undefined }),
  })
  .map(({ said: things, reason, usage }) => {
    let calls = 0
    return [
      { type: 'start', model: 'engine' },
      ...things.flatMap((thing): ReplyPart[] => {
        if (thing.type !== 'call') return [{ type: thing.type, text: thing.text }]
        const call = calls++
        return [
          { type: 'call-start', call, id: `call_${call}`, name: thing.name },
          { type: 'call-arguments', call, text: thing.argumentsText },
        ]
      }),
      { type: 'finish', reason: calls > 0 && reason === 'stop' ? 'calls' : reason },
      ...(usage === undefined ? [] : [{ type: 'usage', usage } as const]),
    ]
  })

/** The same parts with every text cut anywhere. */
export function split(parts: readonly ReplyPart[]): fc.Arbitrary<ReplyPart[]> {
  return fc
    .tuple(
      ...parts.map((part) =>
        'text' in part
          ? fc.array(fc.nat(part.text.length), { maxLength: 4 }).map((cuts) => cutAt(part, cuts))
          : fc.constant([part]),
      ),
    )
    .map((pieces) => pieces.flat())
}

function cutAt<Part extends ReplyPart & { text: string }>(part: Part, cuts: readonly number[]): Part[] {
  const at = [0, ...cuts.toSorted((one, other) => one - other), part.text.length]
  return at.slice(1).map((end, index) => ({ ...part, text: part.text.slice(at[index], end) }))
}

/**
 * The same parts with those of different calls moved among each other, as engines do that work on several at once: the
 * order within a call stays, and so does the order in which calls begin.
 */
export function interleaved(parts: readonly ReplyPart[]): fc.Arbitrary<ReplyPart[]> {
  return fc.array(fc.nat(), { minLength: parts.length, maxLength: parts.length }).map((weights) => {
    const lateArguments = parts.filter(({ type }) => type === 'call-arguments')
    const rest = parts.filter(({ type }) => type !== 'call-arguments')
    const finish = rest.findIndex(({ type }) => type === 'finish')
    return lateArguments.reduce<ReplyPart[]>(
      (placed, part, index) => {
        const call = 'call' in part ? part.call : -1
        const from = placed.findLastIndex((before) => 'call' in before && before.call === call) + 1
        const to = placed.findIndex(({ type }) => type === 'finish')
        const room = Math.max(0, to - from)
        const at = from + ((weights[index] ?? 0) % (room + 1))
        return [...placed.slice(0, at), part, ...placed.slice(at)]
      },
      finish === -1 ? [...rest, { type: 'finish', reason: 'stop' }] : rest,
    )
  })
}
