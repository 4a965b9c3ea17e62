import { ChatStreamReader } from '../../backends/chat/chat-stream-reader.ts'
import { readChatReply } from '../../backends/chat/read-chat-reply.ts'
import { partsOf, type Reply, replyOf } from '../../core/chat/reply.ts'
import type { ReplyPart } from '../../core/chat/reply-part.ts'
import { mintId } from '../../core/identifier.ts'
import type { ChatCall, ReplyEnding, StreamWriter } from '../../dialects/chat-dialect.ts'

/** Keeps a reply before its end is told. Never rejects. */
export type Keep = (reply: Reply) => Promise<ReplyEnding>

/** Makes other parts of those of the engine; owned by one reply. */
export interface PartReader {
  read(part: ReplyPart): readonly ReplyPart[]
  /** The reply came to an end. */
  end(): readonly ReplyPart[]
}

/** One engine's reply, said to the client in the client's own dialect. Owned by one attempt. */
export class ReplyTranslation {
  readonly #chat: ChatCall
  readonly #voice: StreamWriter | undefined
  readonly #model: string
  readonly #promptTokens: number | undefined
  readonly #reader: ChatStreamReader
  readonly #streamType: string
  readonly #keep: Keep | undefined
  readonly #callReader: PartReader | undefined
  /** The whole reply, as far as somebody wants it. */
  readonly #parts: ReplyPart[] = []
  #hasFailed = false

  constructor(parts: {
    chat: ChatCall
    voice: StreamWriter | undefined
    model: string
    streamType?: string
    keep?: Keep
    /** An estimate, for engines that count nothing. */
    promptTokens?: number
    reader?: PartReader
  }) {
    this.#promptTokens = parts.promptTokens
    this.#reader = new ChatStreamReader(mintId, parts.promptTokens)
    this.#chat = parts.chat
    this.#voice = parts.voice
    this.#model = parts.model
    this.#streamType = parts.streamType ?? 'text/event-stream; charset=utf-8'
    this.#keep = parts.keep
    this.#callReader = parts.reader
  }

  /** What the client is to hear of these bytes; possibly nothing yet. */
  push(bytes: Buffer): string {
    return this.#say(this.#reader.push(bytes))
  }

  /** The engine's stream came to its own end. A promise where the reply has to be kept first; it never rejects. */
  end(): string | Promise<string> {
    const rest = this.#say(this.#reader.end()) + this.#tell(this.#callReader?.end() ?? [])
    if (this.#hasFailed || this.#voice === undefined) return rest
    return this.#ended(rest, this.#voice)
  }

  /**
   * A promise where the reply has to be kept first; it never rejects.
   *
   * @throws SyntaxError when this is no chat reply
   */
  whole(body: Buffer): Buffer | Promise<Buffer> {
    const read = readChatReply(JSON.parse(body.toString()), mintId, this.#promptTokens)
    if (read === undefined) throw new SyntaxError('expected a chat reply')
    const reply = this.#callReader === undefined ? read : replyOf(this.#understood(partsOf(read)))
    if (this.#voice !== undefined) {
      const said = this.#ended(this.#tell(partsOf(reply)), this.#voice)
      return said instanceof Promise ? said.then((text) => Buffer.from(text)) : Buffer.from(said)
    }
    const write = (ending?: ReplyEnding): Buffer => Buffer.from(this.#chat.writeReply(reply, this.#model, ending))
    return this.#keep === undefined ? write() : this.#keep(reply).then(write)
  }

  /** Content type of a reply that the engine gave in one piece; the client may have asked for a stream. */
  get wholeType(): string {
    return this.#voice === undefined ? 'application/json' : this.#streamType
  }

  #ended(said: string, voice: StreamWriter): string | Promise<string> {
    if (this.#keep === undefined) return said + voice.end()
    return this.#keep(replyOf(this.#parts)).then((ending) => said + voice.end(ending))
  }

  /** What the engine said, as the client is to hear it. */
  #say(parts: readonly ReplyPart[]): string {
    return this.#tell(this.#understood(parts))
  }

  #understood(parts: readonly ReplyPart[]): readonly ReplyPart[] {
    const reader = this.#callReader
    return reader === undefined ? parts : parts.flatMap((part) => reader.read(part))
  }

  #tell(parts: readonly ReplyPart[]): string {
    if (this.#keep !== undefined) this.#parts.push(...parts)
    let said = ''
    for (const part of parts) {
      if (this.#hasFailed) break
      this.#hasFailed = part.type === 'error'
      said += this.#voice?.write(part) ?? ''
    }
    return said
  }
}
