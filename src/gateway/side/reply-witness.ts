import { ChatStreamReader } from '../../backends/chat/chat-stream-reader.ts'
import { readChatReply } from '../../backends/chat/read-chat-reply.ts'
import { type Reply, ReplySoFar } from '../../core/chat/reply.ts'
import type { ReplyPart } from '../../core/chat/reply-part.ts'
import { mintId } from '../../core/identifier.ts'

/** Longer replies are no conversation any more. */
const bytesMax = 8 * 1024 * 1024

/** Hears what an engine says and reads it as it comes, so that little is left to be done at the end, which a client waits for. */
export class ReplyWitness {
  readonly #reader = new ChatStreamReader(mintId)
  #said = new ReplySoFar()
  /** Of a reply that is no stream. */
  #whole: Buffer[] = []
  #bytes = 0
  #kind: 'unknown' | 'stream' | 'whole' | 'unreadable' = 'unknown'

  push(chunk: Buffer): void {
    if (this.#kind === 'unreadable' || chunk.length === 0) return
    this.#bytes += chunk.length
    if (this.#bytes > bytesMax) {
      this.#giveUp()
      return
    }
    if (this.#kind === 'unknown') this.#kind = chunk[0] === openingBrace ? 'whole' : 'stream'
    if (this.#kind === 'whole') this.#whole.push(chunk)
    else this.#hear(() => this.#reader.push(chunk))
  }

  /** As far as it came; undefined when nothing of it can be read. */
  reply(): Reply | undefined {
    if (this.#kind === 'whole') return readWhole(this.#whole)
    if (this.#kind === 'stream') this.#hear(() => this.#reader.end())
    return this.#kind === 'stream' ? this.#said.reply() : undefined
  }

  #hear(read: () => readonly ReplyPart[]): void {
    try {
      for (const part of read()) if (isSaid(part)) this.#said.add(part)
    } catch {
      this.#giveUp() // not a chat reply: a page of a proxy, or cut in the middle
    }
  }

  #giveUp(): void {
    this.#kind = 'unreadable'
    this.#said = new ReplySoFar()
    this.#whole = []
  }
}

const openingBrace = 0x7b

function readWhole(chunks: readonly Buffer[]): Reply | undefined {
  try {
    return readChatReply(JSON.parse(Buffer.concat(chunks).toString()), mintId)
  } catch {
    return undefined
  }
}

/** A stream that broke off still said what it said before. */
function isSaid({ type }: ReplyPart): boolean {
  return type !== 'error'
}
