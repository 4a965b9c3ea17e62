import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'

import { checkCall } from '../../../src/toolcalls/arguments/check-call.ts'
import { replyFormat } from '../../../src/toolcalls/formats/reply-formats.ts'
import { readRows } from './corpus.ts'
import { mergedReply, parseChunks } from './merge-events.ts'

/** A reply that is broken in a way in which weak models break them, and what it was meant to be. */
export interface WeakReply {
  readonly format: string
  readonly claim: string
  readonly input: string
  /** None: it must stay text. */
  readonly calls: readonly { readonly name: string; readonly arguments: unknown }[]
  /** Where the text is the claim. */
  readonly text?: string
}

/** `text`: a call was meant, and none was read. `wrong`: a call that nobody meant. */
export type WeakVerdict = 'right' | 'text' | 'wrong'

export const weakReplies = readRows<WeakReply>(join(import.meta.dirname, '../../fixtures/toolcalls/weak-replies.jsonl'))

const text = { type: 'string' }
export const weakTools = [
  { name: 'read_file', parameters: object({ path: text, limit: { type: ['integer', 'null'] } }, ['path']) },
  { name: 'write_file', parameters: object({ path: text, content: text }, ['path', 'content']) },
  {
    name: 'search',
    parameters: object({ query: text, caseSensitive: { type: 'boolean' }, tags: { type: 'array', items: text } }, [
      'query',
    ]),
  },
  { name: 'now', parameters: object({}, []) },
]

/** Read and put right as the gateway does it, in chunks of this many characters. */
export function verdictOf({ format, input, calls, text: wanted }: WeakReply, chunkLength = input.length): WeakVerdict {
  const chunks = Array.from({ length: Math.ceil(input.length / chunkLength) }, (_, at) =>
    input.slice(at * chunkLength, (at + 1) * chunkLength),
  )
  const read = mergedReply(parseChunks(chunks, { format: replyFormat(format), tools: weakTools }))
  const given = read.calls
    .map((call) => checkCall(call, weakTools))
    .map(({ name, argumentsText, problems }) => ({ name, arguments: parsed(argumentsText), problems }))
  const isText = given.length === 0 && (wanted === undefined || read.content.trim() === wanted)
  const isMeant = isDeepStrictEqual(
    given,
    calls.map((call) => ({ ...call, problems: [] })),
  )
  if (isMeant && (calls.length > 0 || isText)) return 'right'
  return given.length === 0 && calls.length > 0 ? 'text' : 'wrong'
}

function parsed(json: string): unknown {
  const value: unknown = JSON.parse(json)
  return value
}

function object(properties: object, required: readonly string[]): Readonly<Record<string, unknown>> {
  return { type: 'object', properties, required }
}
