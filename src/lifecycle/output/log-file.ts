import { open, rename } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { createHash } from 'node:crypto'
import { join } from 'node:path'

import { makeFolder } from './make-folder.ts'

export interface LogFileOptions {
  /** Tried in this order. */
  readonly folders: readonly string[]
  readonly model: string
  /** From here on the file begins anew; the one before is kept as `….1.log`. */
  readonly bytesMax?: number
}

/** Where an engine's output is kept beyond the last lines. */
export interface LogFile {
  /** Absent: no folder can be written, and output is kept in memory alone. */
  readonly path?: string
  /** Why a folder was passed over, for people. */
  readonly passedOver: readonly string[]
  /** Never waits and never throws: what a slow or full disk cannot take is left out, and counted. */
  write(chunk: Buffer): void
  /** Waits until all is written. May be called twice. */
  close(): Promise<void>
}

const bytesMaxDefault = 16 * 1024 * 1024

/** Bytes that may wait for the disk. */
const pendingMax = 1024 * 1024

/** Opens the file of a model in the first folder that can be written. One start, one file; the last one is kept too. */
export async function openLogFile({ folders, model, bytesMax }: LogFileOptions): Promise<LogFile> {
  const passedOver: string[] = []
  for (const folder of folders) {
    const path = join(folder, `${fileNameOf(model)}.log`)
    try {
      await makeFolder(folder)
      return new OpenLogFile({ path, passedOver, file: await beginAnew(path), bytesMax: bytesMax ?? bytesMaxDefault })
    } catch (error) {
      passedOver.push(`${folder}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  return { passedOver, write: () => undefined, close: () => Promise.resolve() }
}

/** Names of models hold slashes and colons; a hash keeps apart those that differ only there. */
export function fileNameOf(model: string): string {
  const plain = model
    .replaceAll(/[^A-Za-z0-9._-]/g, '_')
    .replace(/^\.+/, '_')
    .slice(0, 100)
  if (plain === model) return plain
  return `${plain}-${createHash('sha256').update(model).digest('hex').slice(0, 8)}`
}

/** Only the operator may read it: engines print prompts when told to be verbose. */
async function beginAnew(path: string): Promise<FileHandle> {
  await rename(path, path.replace(/\.log$/, '.1.log')).catch((error: unknown) => {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
  })
  return open(path, 'w', 0o600)
}

class OpenLogFile implements LogFile {
  readonly path: string
  readonly passedOver: readonly string[]
  readonly #bytesMax: number
  #file: FileHandle | undefined
  #pending: Buffer[] = []
  #pendingBytes = 0
  #writtenBytes = 0
  #leftOutBytes = 0
  #writing: Promise<void> | undefined
  #isClosed = false

  constructor(opened: { path: string; passedOver: readonly string[]; file: FileHandle; bytesMax: number }) {
    this.path = opened.path
    this.passedOver = opened.passedOver
    this.#file = opened.file
    this.#bytesMax = opened.bytesMax
  }

  write(chunk: Buffer): void {
    if (this.#isClosed || this.#file === undefined) return
    if (this.#pendingBytes + chunk.length > pendingMax) {
      this.#leftOutBytes += chunk.length
      return
    }
    this.#pending.push(chunk)
    this.#pendingBytes += chunk.length
    this.#writing ??= this.#writeAll().finally(() => (this.#writing = undefined))
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await this.#writing
    const file = this.#file
    this.#file = undefined
    await file?.close()
  }

  /** One write at a time, of all that has come in meanwhile. */
  async #writeAll(): Promise<void> {
    try {
      while (this.#pending.length > 0 && this.#file !== undefined) {
        const bytes = this.#takePending()
        if (this.#writtenBytes > 0 && this.#writtenBytes + bytes.length > this.#bytesMax) await this.#rotate()
        this.#writtenBytes += bytes.length
        await this.#file.writeFile(bytes)
      }
    } catch {
      // The disk is full or gone. The last lines are in memory, and the engine must not suffer from it.
      const file = this.#file
      this.#file = undefined
      this.#pending = []
      await file?.close().catch(() => undefined)
    }
  }

  #takePending(): Buffer {
    const gap = this.#leftOutBytes === 0 ? [] : [Buffer.from(`\n[llmr: ${this.#leftOutBytes} bytes left out]\n`)]
    const bytes = Buffer.concat([...this.#pending, ...gap])
    this.#pending = []
    this.#pendingBytes = 0
    this.#leftOutBytes = 0
    return bytes
  }

  async #rotate(): Promise<void> {
    await this.#file?.close()
    this.#file = undefined
    this.#file = await beginAnew(this.path)
    this.#writtenBytes = 0
  }
}
