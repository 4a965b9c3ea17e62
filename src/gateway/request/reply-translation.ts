import { ChatStreamReader } from '../../backends/chat/chat-stream-reader.ts'
import { readChatReply } from '../../backends/chat/read-chat-reply.ts'
import { partsOf, type Reply, replyOf } from '../../core/chat/reply.ts'
import type { ReplyPart } from '../../core/chat/reply-part.ts'
import { mintId } from '../../core/identifier.ts'
import type { ChatCall, ReplyEnding, StreamWriter } from '../../dialects/chat-dialect.ts'
import type { ChantWatch } from '../../toolcalls/loop/chant-watch.ts'
import type { ReplyStage, StageEnd } from '../../toolcalls/reply/reply-stage.ts'
import { ReplyCourse } from '../../toolcalls/reply/reply-course.ts'

/** Keeps a reply before its end is told. Never rejects. */
export type Keep = (reply: Reply) => Promise<ReplyEnding>

export interface RoundEnd {
  /** What the client is to hear of it. */
  readonly said: string
  /** What the same engine is to be asked before the client's end is told. */
  readonly ask: StageEnd['ask']
}

/** Hears what the engine says, before anything is done to it. */
export interface RoundListener {
  heard(parts: readonly ReplyPart[]): void
  /** The engine is asked once more, and its next reply begins. */
  nextRound(): void
}

/**
 * One reply, said to the client in the client's own dialect, however many replies of the engine it is made of. Owned by
 * one attempt. Each of the engine's comes by `push`, or in one piece by `pushWhole`, and is closed by `endRound`; when
 * nothing more is asked, `end` closes the client's.
 */
export class ReplyTranslation {
  readonly #chat: ChatCall
  readonly #voice: StreamWriter | undefined
  readonly #model: string
  readonly #promptTokens: number | undefined
  readonly #streamType: string
  readonly #keep: Keep | undefined
  readonly #course: ReplyCourse
  readonly #listener: RoundListener | undefined
  /** The whole reply, as far as somebody wants it. */
  readonly #parts: ReplyPart[] = []
  #reader: ChatStreamReader
  /** The engine gave this round in one piece. */
  #isWhole = false
  readonly #isWanted: boolean

  constructor(parts: {
    chat: ChatCall
    voice: StreamWriter | undefined
    model: string
    streamType?: string
    keep?: Keep
    /** An estimate, for engines that count nothing. */
    promptTokens?: number
    stage?: ReplyStage
    chants?: ChantWatch
    listener?: RoundListener
  }) {
    this.#promptTokens = parts.promptTokens
    this.#reader = new ChatStreamReader(mintId, parts.promptTokens)
    this.#chat = parts.chat
    this.#voice = parts.voice
    this.#model = parts.model
    this.#streamType = parts.streamType ?? 'text/event-stream; charset=utf-8'
    this.#keep = parts.keep
    this.#course = new ReplyCourse({ stage: parts.stage, chants: parts.chants })
    this.#listener = parts.listener
    this.#isWanted = parts.keep !== undefined || parts.voice === undefined || parts.stage !== undefined
  }

  /** Content type of a reply that the engine gave in one piece; the client may have asked for a stream. */
  get wholeType(): string {
    return this.#voice === undefined ? 'application/json' : this.#streamType
  }

  /** The engine says one thing over and over: what else comes of this round is not heard, and it is to be ended. */
  get isCut(): boolean {
    return this.#course.isCut
  }

  /** What the client is to hear of these bytes of a stream; possibly nothing yet. */
  push(bytes: Buffer): string {
    return this.#say(this.#reader.push(bytes))
  }

  /** @throws SyntaxError when this is no chat reply, LlmrError when it is the report of a failure */
  pushWhole(body: Buffer): string {
    const reply = readChatReply(JSON.parse(body.toString()), mintId, this.#promptTokens)
    if (reply === undefined) throw new SyntaxError('expected a chat reply')
    this.#isWhole = true
    return this.#say(partsOf(reply))
  }

  /** The engine's reply came to its own end. */
  endRound(): RoundEnd {
    const rest = this.#isWhole ? '' : this.#say(this.#reader.end())
    const { parts, ask } = this.#course.endRound()
    if (ask !== undefined) {
      this.#isWhole = false
      this.#reader = new ChatStreamReader(mintId, this.#promptTokens)
      this.#listener?.nextRound()
    }
    return { said: rest + this.#tell(parts), ask }
  }

  /** What was asked for beyond the engine's reply cannot be had: the reply as it stands. */
  giveUp(): string {
    return this.#tell(this.#course.giveUp())
  }

  /** The last words of a stream, or the whole reply. A promise where it has to be kept first; it never rejects. */
  end(): string | Promise<string> {
    const voice = this.#voice
    if (this.#course.hasFailed && voice !== undefined) return ''
    const write = (ending?: ReplyEnding): string =>
      voice?.end(ending) ?? this.#chat.writeReply(replyOf(this.#parts), this.#model, ending)
    return this.#keep === undefined ? write() : this.#keep(replyOf(this.#parts)).then(write)
  }

  /** The reply as the client gets it, where something was done to it; undefined where it is what the engine said. */
  followedUp(): Reply | undefined {
    return !this.#course.hasStage || this.#course.hasFailed ? undefined : replyOf(this.#parts)
  }

  /** What the engine said, as the client is to hear it. */
  #say(parts: readonly ReplyPart[]): string {
    this.#listener?.heard(parts)
    return this.#tell(this.#course.read(parts))
  }

  #tell(parts: readonly ReplyPart[]): string {
    if (this.#isWanted) this.#parts.push(...parts)
    return parts.reduce((said, part) => said + (this.#voice?.write(part) ?? ''), '')
  }
}
