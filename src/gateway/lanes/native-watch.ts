import { ChatStreamReader } from '../../backends/chat/chat-stream-reader.ts'
import { readChatReply } from '../../backends/chat/read-chat-reply.ts'
import { partsOf } from '../../core/chat/reply.ts'
import type { ReplyPart } from '../../core/chat/reply-part.ts'
import { LlmrError } from '../../core/error.ts'
import { parseForeignJson } from '../../core/foreign-json.ts'
import { mintId } from '../../core/identifier.ts'
import type { ReplyFormat } from '../../toolcalls/formats/reply-format.ts'
import type { LaneSign } from '../../toolcalls/lane/lane-record.ts'
import { createReplyParser, type ReplyParser } from '../../toolcalls/parse/reply-parser.ts'
import type { RelayWitness } from '../request/reply/relay-options.ts'

export interface NativeWatchParts {
  readonly format: ReplyFormat
  readonly toolNames: readonly string[]
  readonly onSign: (sign: LaneSign) => void
}

/** Characters of a whole reply; a longer one is not looked at. */
const wholeMax = 1024 * 1024

/**
 * Hears a reply whose bytes pass, and tells whether the engine read the calls in it. Changes nothing. Owned by one reply.
 */
export class NativeWatch implements RelayWitness {
  readonly #parts: NativeWatchParts
  readonly #stream = new ChatStreamReader(mintId)
  readonly #parser: ReplyParser
  #whole: string | undefined
  #isStream: boolean | undefined
  #hasCalls = false
  #hasCallsInText = false
  #isTold = false

  constructor(parts: NativeWatchParts) {
    this.#parts = parts
    const tools = parts.toolNames.map((name) => ({ name, parameters: {} }))
    this.#parser = createReplyParser({ format: parts.format, tools, mintId: () => 'watched' })
  }

  push(chunk: Buffer): void {
    this.#isStream ??= !/^\s*\{/.test(chunk.toString('latin1', 0, 16))
    if (this.#isStream) return this.#see(this.#stream.push(chunk))
    const whole = (this.#whole ?? '') + chunk.toString('utf8')
    this.#whole = whole.length > wholeMax ? '' : whole
  }

  end(): void {
    this.#see(this.#isStream === true ? this.#stream.end() : this.#wholeParts())
    this.#hear(this.#parser.end())
    this.#tell(this.#hasCalls ? 'native-call' : this.#hasCallsInText ? 'call-in-text' : 'text')
  }

  #wholeParts(): readonly ReplyPart[] {
    try {
      const reply = readChatReply(parseForeignJson(this.#whole ?? ''), mintId)
      return reply === undefined ? [] : partsOf(reply)
    } catch (error) {
      if (!(error instanceof LlmrError)) throw error
      return [{ type: 'error', error }]
    }
  }

  #see(parts: readonly ReplyPart[]): void {
    for (const part of parts) {
      if (part.type === 'call-start') this.#hasCalls = true
      if (part.type === 'text') this.#hear(this.#parser.push(part.text))
      if (part.type === 'error') this.#tell('server-error')
    }
  }

  #hear(events: readonly { readonly type: string; readonly name?: string }[]): void {
    const { toolNames } = this.#parts
    this.#hasCallsInText ||= events.some(({ type, name = '' }) => type === 'call-start' && toolNames.includes(name))
  }

  #tell(sign: LaneSign): void {
    if (this.#isTold) return
    this.#isTold = true
    this.#parts.onSign(sign)
  }
}
