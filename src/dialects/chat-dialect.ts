import type { ChatRequest } from '../core/chat/chat-request.ts'
import type { EarlierReplies, KeptReply, ReplyReferences } from '../core/chat/kept-reply.ts'
import type { Reply } from '../core/chat/reply.ts'
import type { ReplyPart } from '../core/chat/reply-part.ts'
import type { LlmrError } from '../core/error.ts'
import type { WaitProgress } from '../core/wait-progress.ts'
import type { Dialect, ProgressStyle } from './dialect.ts'

/** A dialect in which chats are said in words of its own, to be translated from and to those of `core/chat`. */
export interface ChatDialect extends Dialect {
  /**
   * Reads a request. What is not known is left out and named in `notes`, never refused: clients are ahead of every gateway.
   *
   * @param json the parsed body
   * @throws LlmrError `invalid_request` for what no reading can make sense of
   */
  readChat(json: Readonly<Record<string, unknown>>, facts: ChatFacts): ChatCall
  /** The earlier replies without which a request makes no sense, in dialects whose clients may leave it to us to remember. */
  readReferences?(json: Readonly<Record<string, unknown>>): ReplyReferences | undefined
}

export interface ChatFacts {
  readonly requestId: string
  readonly createdAtMs: number
  /** Of the operation's path, where it matters (`generate`, `chat`). */
  readonly path: string
  /** Unique names for items and blocks, for as long as a client may keep them. */
  readonly mintId: () => string
  /** What `readReferences` asked for. */
  readonly earlier?: EarlierReplies
  /** Since `createdAtMs`, for dialects that say how long things took. */
  readonly elapsedMs?: () => number
}

/** One chat of a client: what it asks, and how the answer is said to it. */
export interface ChatCall {
  readonly request: ChatRequest
  /** What was left out, in a few words each, without content. */
  readonly notes: readonly string[]
  /** The body of a whole reply. `model` is the name the client asked for. */
  writeReply(reply: Reply, model: string, ending?: ReplyEnding): string
  /** @param promptTokens an estimate, for dialects that tell it before the engine has counted */
  openStream(model: string, promptTokens?: number): StreamWriter
  /** Present when the client wants to come back to the reply: what is to be kept of it, once it is whole. */
  readonly keep?: (reply: Reply, model: string) => KeptReply
  /** What the client wants of the model's place in memory, in dialects that have a word for it. */
  readonly residence?: ResidenceWish
}

/** What is known of a reply only at its end. */
export interface ReplyEnding {
  /** The client can come back to it. */
  readonly isKept: boolean
}

export interface ResidenceWish {
  /** Stays so long without a request; 0: it goes when it has nothing to do. Absent: as the operator said. */
  readonly idleMs?: number
  /** Present when nothing else is asked: the answer, once the model is in memory or has gone. */
  readonly writeMoved?: (moved: 'load' | 'unload', model: string) => string
}

/**
 * The words of one streamed reply. Each call gives what has to be sent now, whole events only, possibly nothing. Owned
 * by one reply; it holds what the dialect must remember between events (numbers, open blocks).
 */
export interface StreamWriter {
  write(part: ReplyPart): string
  /** The reply is whole: whatever the dialect says at the end. `finish` and `usage` came before. */
  end(ending?: ReplyEnding): string
  /** It broke off, and must not look like an end. */
  fail(error: LlmrError): string
  /**
   * A sign of life while nothing else flows.
   *
   * @param isContentDue nothing that counts as content has flowed for long: clients that watch for content need some
   */
  keepAlive(isContentDue: boolean): string
  /** How far a wait for the model is, before any part of the reply. `undefined`: the client gets signs of life instead. */
  writeProgress?(progress: WaitProgress, style: ProgressStyle): string
}

export function isChatDialect(dialect: Dialect): dialect is ChatDialect {
  return 'readChat' in dialect
}
