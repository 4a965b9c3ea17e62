import { createReplyParser } from '../../../src/toolcalls/parse/reply-parser.ts'
import type { ReplyParserOptions } from '../../../src/toolcalls/parse/machine-parts.ts'
import type { ReplyEvent } from '../../../src/toolcalls/parse/reply-event.ts'

export interface MergedReply {
  readonly content: string
  readonly reasoning: string
  readonly calls: readonly { readonly name: string; readonly argumentsText: string }[]
}

/** The whole reply from its chunks. Ids are counted, so that two runs can be compared. */
export function parseChunks(chunks: readonly string[], options: Omit<ReplyParserOptions, 'mintId'>): ReplyEvent[] {
  let minted = 0
  const parser = createReplyParser({ ...options, mintId: () => `call_${minted++}` })
  return [...chunks.flatMap((chunk) => parser.push(chunk)), ...parser.end()]
}

/** Neighbours of one kind joined: what a client that adds up deltas sees. */
export function mergeEvents(events: readonly ReplyEvent[]): ReplyEvent[] {
  const merged: ReplyEvent[] = []
  for (const event of events) {
    const last = merged.at(-1)
    if ((event.type === 'text' || event.type === 'reasoning') && last?.type === event.type)
      merged[merged.length - 1] = { ...event, text: last.text + event.text }
    else merged.push(event)
  }
  return merged
}

export function mergedReply(events: readonly ReplyEvent[]): MergedReply {
  const textOf = (type: 'text' | 'reasoning'): string =>
    events.map((event) => (event.type === type ? event.text : '')).join('')
  return {
    content: textOf('text'),
    reasoning: textOf('reasoning'),
    calls: events
      .filter((event) => event.type === 'call-start')
      .map(({ name, call }) => ({
        name,
        argumentsText: events
          .map((event) => (event.type === 'call-arguments' && event.call === call ? event.text : ''))
          .join(''),
      })),
  }
}
