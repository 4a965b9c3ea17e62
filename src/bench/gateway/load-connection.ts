import { connect } from 'node:net'
import type { Socket } from 'node:net'

export interface Outcome {
  readonly status: number
  /** Of the reply's body. */
  readonly bytes: number
  /** Server-sent events in it. */
  readonly events: number
  /** From writing the request to the first byte of the reply's body, and to the last; milliseconds. */
  readonly firstByteMs: number
  readonly totalMs: number
}

/**
 * One keep-alive connection of the load driver. It reads just enough HTTP to know where a reply ends, so that driving
 * costs a fraction of what is driven: replies with a length, and chunked ones, which end with the empty chunk.
 */
export class LoadConnection {
  readonly #socket: Socket
  #waiter: PromiseWithResolvers<Outcome> | undefined
  #onFirstByte: (() => void) | undefined
  #state: 'head' | 'sized' | 'chunked' = 'head'
  #head: Buffer = Buffer.alloc(0)
  #tail: Buffer = Buffer.alloc(0)
  #remaining = 0
  #status = 0
  #bytes = 0
  #events = 0
  #startedAt = 0
  #firstByteAt = 0
  #isOpen = true

  constructor(port: number) {
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true })
    this.#socket.on('data', (chunk) => this.#take(chunk))
    this.#socket.on('error', (error) => this.#fail(error))
    this.#socket.on('close', () => this.#fail(new Error('The connection was closed in the middle of a reply.')))
  }

  get isOpen(): boolean {
    return this.#isOpen
  }

  /** One request at a time. Rejects when the connection breaks or the reply cannot be read. */
  send(request: Buffer, onFirstByte?: () => void): Promise<Outcome> {
    this.#waiter = Promise.withResolvers<Outcome>()
    this.#onFirstByte = onFirstByte
    this.#state = 'head'
    this.#head = Buffer.alloc(0)
    this.#tail = lineBreak
    this.#bytes = 0
    this.#events = 0
    this.#firstByteAt = 0
    this.#startedAt = performance.now()
    if (this.#isOpen) this.#socket.write(request)
    else this.#fail(new Error('The connection is closed.'))
    return this.#waiter.promise
  }

  close(): void {
    this.#socket.destroy()
  }

  #take(chunk: Buffer): void {
    if (this.#waiter === undefined) return
    if (this.#state === 'head') this.#takeHead(this.#head.length === 0 ? chunk : Buffer.concat([this.#head, chunk]))
    else this.#takeBody(chunk)
  }

  #takeHead(bytes: Buffer): void {
    const end = bytes.indexOf('\r\n\r\n')
    if (end === -1) {
      this.#head = bytes
      return
    }
    const head = bytes.toString('latin1', 0, end).toLowerCase()
    this.#status = Number(head.slice(9, 12))
    const [, length] = /\r\ncontent-length: *(\d+)/.exec(head) ?? []
    if (length !== undefined) {
      this.#state = 'sized'
      this.#remaining = Number(length)
    } else if (head.includes('\r\ntransfer-encoding: chunked')) {
      this.#state = 'chunked'
    } else {
      this.#fail(new Error(`The reply has neither a length nor chunks:\n${head}`))
      return
    }
    const body = bytes.subarray(end + 4)
    if (body.length > 0 || this.#remaining === 0) this.#takeBody(body)
  }

  #takeBody(chunk: Buffer): void {
    if (chunk.length > 0 && this.#firstByteAt === 0) {
      this.#firstByteAt = performance.now()
      this.#onFirstByte?.()
    }
    this.#bytes += chunk.length
    if (this.#state === 'sized') {
      this.#remaining -= chunk.length
      if (this.#remaining <= 0) this.#finish()
      return
    }
    this.#events += eventsIn(chunk)
    const tail = chunk.length >= lastChunk.length ? chunk : Buffer.concat([this.#tail, chunk])
    if (tail.subarray(-lastChunk.length).equals(lastChunk)) this.#finish()
    else this.#tail = tail.subarray(-lastChunk.length)
  }

  #finish(): void {
    const now = performance.now()
    const waiter = this.#waiter
    this.#waiter = undefined
    waiter?.resolve({
      status: this.#status,
      bytes: this.#bytes,
      events: this.#events,
      firstByteMs: (this.#firstByteAt === 0 ? now : this.#firstByteAt) - this.#startedAt,
      totalMs: now - this.#startedAt,
    })
  }

  #fail(error: Error): void {
    this.#isOpen = false
    this.#waiter?.reject(error)
    this.#waiter = undefined
    this.#socket.destroy()
  }
}

/** A body that is empty begins with its last chunk: the line break before it is the head's. */
const lineBreak = Buffer.from('\r\n')
const lastChunk = Buffer.from('\r\n0\r\n\r\n')
const eventStart = Buffer.from('data: ')

/** An event that is split between two packets within its first six bytes is missed; on loopback that is rare. */
function eventsIn(chunk: Buffer): number {
  let count = 0
  for (let at = chunk.indexOf(eventStart); at !== -1; at = chunk.indexOf(eventStart, at + eventStart.length)) count += 1
  return count
}
