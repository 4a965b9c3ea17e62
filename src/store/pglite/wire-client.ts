import { Duplex } from 'node:stream'

import { Client } from 'pg'

import type { PgliteThread } from './pglite-thread.ts'

/**
 * The driver of PostgreSQL on the embedded database: the same bytes go to a thread instead of a server. So values come and go
 * as they do with a server, and a statement that was prepared once is neither taken apart nor planned again, which takes the
 * embedded database longer than most statements do.
 *
 * @throws whatever the thread says when it has ended
 */
export async function wireClient(thread: PgliteThread): Promise<Client> {
  const client = new Client({ user: 'postgres', database: 'postgres', stream: () => new ThreadStream(thread) })
  // A thread that has ended is known to whoever asks it next; without a listener it would end the process.
  client.on('error', () => undefined)
  await client.connect()
  return client
}

/** What the driver takes for a socket. Each write is one message to the thread, and its answer the one that comes back. */
class ThreadStream extends Duplex {
  readonly #thread: PgliteThread

  constructor(thread: PgliteThread) {
    super()
    this.#thread = thread
  }

  connect(): this {
    queueMicrotask(() => this.emit('connect'))
    return this
  }

  setNoDelay(): this {
    return this
  }

  setKeepAlive(): this {
    return this
  }

  ref(): this {
    return this
  }

  unref(): this {
    return this
  }

  override _read(): void {
    // What comes is pushed when it comes: never more than the answer to one statement.
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    void this.#exchange(chunk, done)
  }

  /** The driver writes a statement in several parts: together they are one round trip. */
  override _writev(parts: readonly { readonly chunk: Buffer }[], done: (error?: Error | null) => void): void {
    void this.#exchange(Buffer.concat(parts.map(({ chunk }) => chunk)), done)
  }

  /** Never rejects: a failure is the stream's, which the driver hears of. */
  async #exchange(bytes: Uint8Array, done: (error?: Error | null) => void): Promise<void> {
    try {
      this.push(await this.#thread.exchange(bytes))
    } catch (error) {
      done(error instanceof Error ? error : new Error(String(error)))
      return
    }
    done()
  }
}
