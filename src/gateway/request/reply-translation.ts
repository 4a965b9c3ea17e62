import { ChatStreamReader } from '../../backends/chat/chat-stream-reader.ts'
import { readChatReply } from '../../backends/chat/read-chat-reply.ts'
import { partsOf } from '../../core/chat/reply.ts'
import type { ReplyPart } from '../../core/chat/reply-part.ts'
import { mintId } from '../../core/identifier.ts'
import type { ChatCall, StreamWriter } from '../../dialects/chat-dialect.ts'

/** One engine's reply, said to the client in the client's own dialect. Owned by one attempt. */
export class ReplyTranslation {
  readonly #chat: ChatCall
  readonly #voice: StreamWriter | undefined
  readonly #model: string
  readonly #reader = new ChatStreamReader(mintId)
  readonly #streamType: string
  #hasFailed = false

  constructor(parts: { chat: ChatCall; voice: StreamWriter | undefined; model: string; streamType?: string }) {
    this.#chat = parts.chat
    this.#voice = parts.voice
    this.#model = parts.model
    this.#streamType = parts.streamType ?? 'text/event-stream; charset=utf-8'
  }

  /** What the client is to hear of these bytes; possibly nothing yet. */
  push(bytes: Buffer): string {
    return this.#say(this.#reader.push(bytes))
  }

  /** The engine's stream came to its own end. */
  end(): string {
    const rest = this.#say(this.#reader.end())
    return this.#hasFailed ? rest : rest + (this.#voice?.end() ?? '')
  }

  /** @throws SyntaxError when this is no chat reply */
  whole(body: Buffer): Buffer {
    const reply = readChatReply(JSON.parse(body.toString()), mintId)
    if (reply === undefined) throw new SyntaxError('expected a chat reply')
    if (this.#voice === undefined) return Buffer.from(this.#chat.writeReply(reply, this.#model))
    return Buffer.from(this.#say(partsOf(reply)) + this.#voice.end())
  }

  /** Content type of a reply that the engine gave in one piece; the client may have asked for a stream. */
  get wholeType(): string {
    return this.#voice === undefined ? 'application/json' : this.#streamType
  }

  #say(parts: readonly ReplyPart[]): string {
    let said = ''
    for (const part of parts) {
      if (this.#hasFailed) break
      this.#hasFailed = part.type === 'error'
      said += this.#voice?.write(part) ?? ''
    }
    return said
  }
}
