import { close, openSync, write, writeSync } from 'node:fs'

import { LlmrError } from '../core/error.ts'

export interface LineSink {
  /** Takes a finished line, line break included. Never blocks and never throws. */
  write(line: string): void
  /** Opens the file anew under its name, after something renamed it (log rotation). Nothing to do for a descriptor. */
  reopen(): void
  /** Writes what is pending, five seconds at most, and closes a file. May be called twice. */
  close(): Promise<void>
}

export interface LineSinkOptions {
  /** A path, opened for appending, or a descriptor such as 1 for stdout. */
  readonly target: string | number
  /** Longest time that a line waits for company. */
  readonly flushAfterMs: number
  /** Told of trouble with the target, at most once until a write succeeds again. */
  readonly onTrouble?: (message: string) => void
}

const flushAtLength = 64 * 1024
/** UTF-16 units waiting for a target that is slow, full or hung; later lines are dropped and counted. */
const pendingLengthMax = 8 * 1024 * 1024
const closeTimeoutMs = 5000
/** At exit nothing can be waited for but by blocking; a reader that takes nothing for a second gets nothing more. */
const exitAttemptsMax = 100
const exitPauseMs = 10

/**
 * Writes lines to a file or descriptor, many at a time. One asynchronous write is under way at most; a target that
 * hangs or fails costs log lines, never a request. When the process exits, what is pending is written at once.
 *
 * @throws LlmrError when the file cannot be opened.
 */
export function openLineSink(options: LineSinkOptions): LineSink {
  return new BatchingSink(options)
}

class BatchingSink implements LineSink {
  readonly #options: LineSinkOptions
  #descriptor: number
  #replaced: number | undefined
  #pending = ''
  #dropped = 0
  #state: 'idle' | 'waiting' | 'writing' = 'idle'
  #isTroubled = false
  /** Nobody reads any more (EPIPE): nothing will ever be written again. */
  #isDeaf = false
  #timer: NodeJS.Timeout | undefined
  #closing: Promise<void> | undefined
  #onIdle: (() => void) | undefined

  constructor(options: LineSinkOptions) {
    this.#options = options
    this.#descriptor = typeof options.target === 'number' ? options.target : openForAppending(options.target)
    process.on('exit', this.#flushAtExit)
  }

  write(line: string): void {
    if (this.#isDeaf || this.#closing !== undefined) return
    if (this.#pending.length >= pendingLengthMax) {
      this.#dropped += 1
      return
    }
    this.#pending += line
    if (this.#state === 'writing') return
    if (this.#pending.length >= flushAtLength) this.#flush()
    else if (this.#state === 'idle') this.#flushLater()
  }

  reopen(): void {
    if (typeof this.#options.target === 'number' || this.#closing !== undefined) return
    try {
      const fresh = openForAppending(this.#options.target)
      // The write under way still uses the old descriptor; it is closed after it.
      if (this.#state === 'writing' && this.#replaced === undefined) this.#replaced = this.#descriptor
      else close(this.#descriptor)
      this.#descriptor = fresh
    } catch (error) {
      this.#complain(error instanceof Error ? error.message : String(error))
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#finish()
    return this.#closing
  }

  async #finish(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const deadline = setTimeout(resolve, closeTimeoutMs)
    this.#onIdle = resolve
    if (this.#state !== 'writing') this.#flush()
    await promise
    clearTimeout(deadline)
    process.off('exit', this.#flushAtExit)
    if (typeof this.#options.target === 'string') close(this.#descriptor)
  }

  #flushLater(): void {
    this.#state = 'waiting'
    // Unreferenced: a process with nothing else to do ends, and the exit handler writes the rest.
    this.#timer = setTimeout(() => this.#flush(), this.#options.flushAfterMs).unref()
  }

  #flush(): void {
    clearTimeout(this.#timer)
    if (this.#pending === '') {
      this.#state = 'idle'
      this.#onIdle?.()
      return
    }
    this.#state = 'writing'
    const bytes = Buffer.from(this.#pending)
    this.#pending = ''
    this.#writeFrom(bytes, 0)
  }

  #writeFrom(bytes: Buffer, offset: number): void {
    write(this.#descriptor, bytes, offset, bytes.length - offset, null, (error, written) => {
      if (isFull(error)) {
        setTimeout(() => this.#writeFrom(bytes, offset), this.#options.flushAfterMs).unref()
        return
      }
      if (error !== null) this.#fail(error)
      else if (offset + written < bytes.length) return this.#writeFrom(bytes, offset + written)
      else this.#recover()
      this.#closeReplaced()
      this.#settle()
    })
  }

  #settle(): void {
    if (this.#closing !== undefined || this.#pending.length >= flushAtLength) this.#flush()
    else if (this.#pending === '') this.#state = 'idle'
    else this.#flushLater()
  }

  #fail(error: NodeJS.ErrnoException): void {
    this.#dropped += 1
    if (error.code === 'EPIPE') {
      this.#isDeaf = true
      this.#pending = ''
      return
    }
    this.#complain(error.message)
  }

  #complain(message: string): void {
    if (!this.#isTroubled) this.#options.onTrouble?.(`The log cannot be written (${message}); requests go on without.`)
    this.#isTroubled = true
  }

  #recover(): void {
    this.#isTroubled = false
    if (this.#dropped === 0) return
    this.#options.onTrouble?.(`The log can be written again; ${this.#dropped} or more lines are missing.`)
    this.#dropped = 0
  }

  #closeReplaced(): void {
    if (this.#replaced !== undefined) close(this.#replaced)
    this.#replaced = undefined
  }

  readonly #flushAtExit = (): void => {
    // A write under way is finished by its thread, which the process joins; this is what comes after it. The file stays
    // open: closed here, it would be closed under a write that its thread has not begun.
    try {
      if (!this.#isDeaf) writeAll(this.#descriptor, Buffer.from(this.#pending))
    } catch {
      // The process is ending: there is nobody left to tell.
    }
  }
}

function writeAll(descriptor: number, bytes: Buffer): void {
  const wait = new Int32Array(new SharedArrayBuffer(4))
  let patience = exitAttemptsMax
  for (let offset = 0; offset < bytes.length;) {
    try {
      offset += writeSync(descriptor, bytes, offset)
    } catch (error) {
      if (!isFull(error) || patience === 0) throw error
      patience -= 1
      Atomics.wait(wait, 0, 0, exitPauseMs)
    }
  }
}

/** A pipe without room, opened so that it does not block: its reader is slow. */
function isFull(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EAGAIN'
}

function openForAppending(file: string): number {
  try {
    return openSync(file, 'a', 0o640)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new LlmrError(
      'internal_error',
      `The log file ${file} cannot be opened for writing (${reason}). Make its folder writable or change telemetry.log.file.`,
      { cause: error },
    )
  }
}
