import type { ReplyFormat, StartState } from '../formats/reply-format.ts'
import type { CallDraft } from './reply-event.ts'
import type { ReplySink } from './reply-sink.ts'
import type { ReplyStart } from './start-state.ts'
import type { TextReader } from './text-reader.ts'
import type { OfferedTool, ToolTable } from './tool-table.ts'

export interface ReplyParserOptions {
  readonly format: ReplyFormat
  readonly tools: readonly OfferedTool[]
  /** From `startStateOf` when the prompt is known; the format's own habit otherwise. */
  readonly start?: ReplyStart | StartState
  /** An id that no other call anywhere has, in the shape the model's template accepts. */
  readonly mintId: () => string
  /** `keep`: the markers of thoughts stay in the text. */
  readonly reasoning?: 'split' | 'keep'
  /** `keep`: calls stay in the text. */
  readonly calls?: 'parse' | 'keep'
  /** The reply is to be JSON of a schema: a code fence around it is taken off. */
  readonly isJsonReply?: boolean
}

/** What reads a reply works with. */
export interface MachineParts {
  readonly reader: TextReader
  readonly sink: ReplySink
  readonly tools: ToolTable
  readonly options: ReplyParserOptions
  readonly start: ReplyStart
  /** The calls in a whole text of another format. */
  readonly readCalls: (text: string, format: ReplyFormat) => readonly CallDraft[]
}
