import { ChatStreamReader } from '../../backends/chat/chat-stream-reader.ts'
import { readChatReply } from '../../backends/chat/read-chat-reply.ts'
import { type Reply, replyOf } from '../../core/chat/reply.ts'
import type { ReplyPart } from '../../core/chat/reply-part.ts'
import { mintId } from '../../core/identifier.ts'

/** Longer replies are no conversation any more. */
const bytesMax = 8 * 1024 * 1024

/** Hears what an engine says, and makes a reply of it when all is over; on the way it only holds the bytes. */
export class ReplyWitness {
  #chunks: Buffer[] = []
  #bytes = 0

  push(chunk: Buffer): void {
    if (this.#bytes > bytesMax) return
    this.#bytes += chunk.length
    if (this.#bytes > bytesMax) this.#chunks = []
    else this.#chunks.push(chunk)
  }

  /** As far as it came; undefined when nothing of it can be read. */
  reply(): Reply | undefined {
    const body = Buffer.concat(this.#chunks)
    if (body.length === 0) return undefined
    try {
      if (body[0] === openingBrace) return readChatReply(JSON.parse(body.toString()), mintId)
      const reader = new ChatStreamReader(mintId)
      return replyOf([...reader.push(body), ...reader.end()].filter(isSaid))
    } catch {
      return undefined // not a chat reply: a page of a proxy, or cut in the middle
    }
  }
}

const openingBrace = 0x7b

/** A stream that broke off still said what it said before. */
function isSaid({ type }: ReplyPart): boolean {
  return type !== 'error'
}
