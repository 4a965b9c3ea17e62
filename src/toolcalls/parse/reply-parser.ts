import type { ReplyFormat } from '../formats/reply-format.ts'
import { ChannelMachine } from './channel-machine.ts'
import type { ReplyParserOptions } from './machine-parts.ts'
import type { CallDraft, ReplyEvent } from './reply-event.ts'
import { ReplyMachine } from './reply-machine.ts'
import { ReplySink } from './reply-sink.ts'
import type { ReplyStart } from './start-state.ts'
import { TextReader, type Reading } from './text-reader.ts'
import { createToolTable } from './tool-table.ts'

/** Takes a reply as it comes. What comes out depends on the text alone, not on how it was cut. */
export interface ReplyParser {
  push(text: string): ReplyEvent[]
  /** The text is over: whatever was held back comes out. */
  end(): ReplyEvent[]
}

/** Time grows with the length of the text, whatever the text is. Holds at most one unfinished call. */
export function createReplyParser(options: ReplyParserOptions): ReplyParser {
  const { format, tools } = options
  const reader = new TextReader(callLengthMax)
  const sink = new ReplySink(options.mintId)
  const start = startOf(options)
  const readCalls = (text: string, other: ReplyFormat): CallDraft[] => callsIn(text, { ...options, format: other })
  const parts = { reader, sink, tools: createToolTable(tools), options, start, readCalls }
  const reading: Reading<void> =
    format.channels === undefined ? new ReplyMachine(parts).run() : new ChannelMachine(parts, format.channels).run()
  reader.push(start.prefix)
  let isOver = false
  return {
    push(text) {
      if (isOver || text === '') return []
      reader.push(text)
      reading.next()
      return sink.drain()
    },
    end() {
      if (isOver) return []
      isOver = true
      reader.end()
      reading.next()
      sink.end()
      return sink.drain()
    },
  }
}

/** Characters. A file written through a call is seldom larger; beyond, it is shown as text. */
const callLengthMax = 8 * 1024 * 1024

function startOf({ format, start }: ReplyParserOptions): ReplyStart {
  if (typeof start === 'object') return start
  return { state: start ?? format.reasoning?.start ?? 'text', prefix: '' }
}

function callsIn(text: string, options: ReplyParserOptions): CallDraft[] {
  const parser = createReplyParser({ ...options, start: 'text' })
  const drafts: CallDraft[] = []
  for (const event of [...parser.push(text), ...parser.end()]) {
    if (event.type === 'call-start') drafts.push({ name: event.name, argumentsText: '' })
    const last = drafts.at(-1)
    if (event.type === 'call-arguments' && last !== undefined)
      drafts[drafts.length - 1] = { ...last, argumentsText: last.argumentsText + event.text }
  }
  return drafts
}
