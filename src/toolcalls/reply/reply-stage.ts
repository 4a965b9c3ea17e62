import type { ChatRequest } from '../../core/chat/chat-request.ts'
import type { ReplyPart } from '../../core/chat/reply-part.ts'

/**
 * Works on the parts of a reply on their way from the engine to the client, and may ask the same engine for more before
 * the client's end is told. Owned by one reply.
 */
export interface ReplyStage {
  read(part: ReplyPart): readonly ReplyPart[]
  /** The engine's reply came to its end; called once for each that was asked for. */
  end(): StageEnd
  /** What was asked for beyond it cannot be had: what is left to say as things stand. Asks for nothing more. */
  giveUp(): readonly ReplyPart[]
}

export interface StageEnd {
  readonly parts: readonly ReplyPart[]
  /** Beyond the reply that has ended. The parts of the answer come to this stage. Every stage has a bound for how often. */
  readonly ask?: ChatRequest
}
