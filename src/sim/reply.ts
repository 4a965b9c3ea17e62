import { once } from 'node:events'
import type { ServerResponse } from 'node:http'

import type { Fault } from './fault.ts'

/** How a fault breaks a reply that has begun. */
export type Damage = Extract<Fault, { readonly type: 'die-mid-stream' | 'half-close' | 'garbage' }>

export interface ReplyOptions {
  readonly response: ServerResponse
  readonly origin: string
  readonly damage: Damage | undefined
  /** Called when the reply has been ended early on purpose, so that nobody goes on making it. */
  readonly onCut: () => void
}

/** Neither JSON nor UTF-8. */
const garbage = Buffer.concat([Buffer.from('{"choices":[{"delta":{"content":"'), Buffer.from([0xff, 0xfe, 0x00, 0xc0])])

/** Writes one reply with the engine's headers, whole or as a stream, and breaks it where a fault says so. */
export class Reply {
  readonly #response: ServerResponse
  readonly #damage: Damage | undefined
  readonly #onCut: () => void
  #eventCount = 0
  #isBroken = false

  constructor({ response, origin, damage, onCut }: ReplyOptions) {
    this.#response = response
    this.#damage = damage
    this.#onCut = onCut
    response.setHeader('Server', 'llama.cpp')
    response.setHeader('Access-Control-Allow-Origin', origin)
  }

  get hasBegun(): boolean {
    return this.#response.headersSent
  }

  get isBroken(): boolean {
    return this.#isBroken
  }

  setHeader(name: string, value: string): void {
    this.#response.setHeader(name, value)
  }

  sendJson(status: number, body: unknown): void {
    this.sendText({ status, type: 'application/json; charset=utf-8', text: JSON.stringify(body) })
  }

  sendText({ status, type, text }: { status: number; type: string; text: string }): void {
    const bytes = Buffer.from(text)
    // The engine closes the connection after every refusal.
    if (status >= 400) this.#response.shouldKeepAlive = false
    this.#response.statusCode = status
    this.#response.setHeader('Content-Type', type)
    if (this.#damage) {
      this.#breakBody(this.#damage, bytes)
    } else {
      this.#response.setHeader('Content-Length', bytes.length)
      this.#response.end(bytes)
    }
  }

  startStream(): void {
    this.#response.writeHead(200, { 'X-Accel-Buffering': 'no', 'Content-Type': 'text/event-stream' })
  }

  /** Writes one event and waits while the client does not read; rejects when the signal says so. */
  async sendEvent(data: unknown, signal: AbortSignal): Promise<void> {
    if (this.#damage && !this.#isBroken && this.#eventCount >= (this.#damage.afterChunks ?? 1)) {
      this.#breakStream(this.#damage)
    }
    signal.throwIfAborted()
    this.#eventCount += 1
    const text = typeof data === 'string' ? data : JSON.stringify(data)
    if (!this.#response.write(`data: ${text}\n\n`)) await once(this.#response, 'drain', { signal })
  }

  endStream(): void {
    // A stream shorter than the fault reckoned with is broken all the same.
    if (this.#damage && !this.#isBroken) this.#breakStream(this.#damage)
    this.#response.end()
  }

  #breakStream({ type }: Damage): void {
    this.#isBroken = true
    switch (type) {
      case 'garbage':
        this.#response.write(Buffer.concat([Buffer.from('data: '), garbage, Buffer.from('\n\n')]))
        return
      case 'half-close':
        this.#response.end()
        return this.#onCut()
      case 'die-mid-stream':
        this.#response.socket?.destroySoon()
        return this.#onCut()
    }
  }

  #breakBody({ type, afterChunks = 1 }: Damage, bytes: Buffer): void {
    this.#isBroken = true
    const half = bytes.subarray(0, Math.floor(bytes.length / 2))
    switch (type) {
      case 'garbage':
        this.#response.setHeader('Content-Length', garbage.length)
        this.#response.end(garbage)
        return
      case 'half-close':
        this.#response.end(half)
        return
      case 'die-mid-stream':
        this.#response.setHeader('Content-Length', bytes.length)
        if (afterChunks > 0) this.#response.write(half)
        this.#response.socket?.destroySoon()
        return this.#onCut()
    }
  }
}
