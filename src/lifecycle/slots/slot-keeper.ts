import { randomUUID } from 'node:crypto'
import { chmod, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'

import type { Connection } from '../../backends/connection.ts'
import type { Logger } from '../../core/logger.ts'
import { makeFolder } from '../output/make-folder.ts'
import { isRestoreWorthwhile, judgeRestore } from './judge-restore.ts'
import type { RestoreOutcome } from './judge-restore.ts'
import { restoreSlot, saveSlot } from './slot-calls.ts'

/** Whose state it is: another build of the engine, or another model, cannot use it. */
export interface SlotOwner {
  readonly binary: string
  readonly model: string
}

/** A slot that holds a conversation worth keeping. */
export interface WarmSlot {
  readonly slotId: number
  /** Tells the caller, after a restore, whose first request to judge it by. */
  readonly conversation: string
}

export interface RestoredSlot extends WarmSlot {
  readonly tokens: number
}

export interface SlotKeeperOptions {
  /** The engine's `--slot-save-path`, and nobody else's folder: it is emptied at the start. */
  readonly folder: string
  /** All files together; the oldest go first. */
  readonly bytesMax: number
  readonly logger: Logger
  readonly speeds?: { readonly diskBytesPerSecond: number; readonly prefillTokensPerSecond: number }
}

interface SavedSlot extends RestoredSlot {
  readonly file: string
  readonly bytes: number
  readonly owner: string
}

/** A slow disk and a quick GPU, until somebody has measured. */
const cautiousSpeeds = { diskBytesPerSecond: 500e6, prefillTokensPerSecond: 2_000 }

/** One may be bad luck: the client went on with something else. */
const missesMax = 2

/**
 * Keeps what an engine has read of conversations over a swap: saved before the engine ends, put back before its first
 * request, deleted then. The files are the users' text, so they are readable to the operator alone, capped, and never
 * survive llmr. Where restores turn out to be of no use it stops by itself.
 */
export class SlotKeeper {
  readonly #options: SlotKeeperOptions
  /** The oldest first. */
  #saved: readonly SavedSlot[] = []
  readonly #misses = new Map<string, number>()

  private constructor(options: SlotKeeperOptions) {
    this.#options = options
  }

  /** @throws the system's error when the folder cannot be made or emptied. */
  static async open(options: SlotKeeperOptions): Promise<SlotKeeper> {
    const keeper = new SlotKeeper(options)
    await makeFolder(options.folder)
    await chmod(options.folder, 0o700) // the engine makes the files, so the folder has to keep others out
    await keeper.#empty()
    return keeper
  }

  /** False where it has turned out to be of no use. */
  isOn(owner: SlotOwner): boolean {
    return (this.#misses.get(keyOf(owner)) ?? 0) < missesMax
  }

  /** Never throws but for the signal: what cannot be saved is computed again. */
  async save(request: {
    readonly connection: Connection
    readonly owner: SlotOwner
    readonly slots: readonly WarmSlot[]
    readonly signal: AbortSignal
  }): Promise<void> {
    const { connection, owner, slots, signal } = request
    if (!this.isOn(owner)) return
    for (const slot of slots) {
      const fileName = `${randomUUID()}.slot`
      const file = join(this.#options.folder, fileName)
      try {
        const tokens = await saveSlot({ connection, slotId: slot.slotId, fileName, signal })
        await chmod(file, 0o600)
        const { size: bytes } = await stat(file)
        const saved = { ...slot, tokens, file, bytes, owner: keyOf(owner) }
        if (tokens > 0 && this.#isWorthwhile(saved)) this.#saved = [...this.#saved, saved]
        else await this.#forget(file)
      } catch (error) {
        await this.#forget(file)
        signal.throwIfAborted()
        this.#tell(owner, error, 'a conversation could not be saved')
      }
      await this.#trim()
    }
  }

  /** Puts back what was saved of this model and deletes it. Never throws but for the signal. */
  async restore(request: {
    readonly connection: Connection
    readonly owner: SlotOwner
    readonly signal: AbortSignal
  }): Promise<readonly RestoredSlot[]> {
    const { connection, owner, signal } = request
    const restored: RestoredSlot[] = []
    for (const { file, slotId, conversation } of this.#saved.filter((saved) => saved.owner === keyOf(owner))) {
      try {
        const fileName = file.slice(file.lastIndexOf('/') + 1)
        const tokens = await restoreSlot({ connection, slotId, fileName, signal })
        restored.push({ slotId, conversation, tokens })
      } catch (error) {
        signal.throwIfAborted()
        this.#tell(owner, error, 'a conversation could not be put back')
        this.#count(owner, 'missed')
      } finally {
        await this.#forget(file)
      }
    }
    return restored
  }

  /** What the first request after a restore has shown. */
  observe(owner: SlotOwner, outcome: RestoreOutcome): void {
    this.#count(owner, judgeRestore(outcome))
  }

  /** Deletes every file. May be called twice. */
  async close(): Promise<void> {
    this.#saved = []
    await this.#empty()
  }

  #count(owner: SlotOwner, verdict: 'used' | 'missed'): void {
    const wasOn = this.isOn(owner)
    const key = keyOf(owner)
    this.#misses.set(key, verdict === 'used' ? 0 : (this.#misses.get(key) ?? 0) + 1)
    if (wasOn && !this.isOn(owner)) {
      this.#options.logger.warn({ ...owner }, 'conversations are not saved any more: this engine makes no use of them')
    }
  }

  #isWorthwhile({ bytes, tokens }: SavedSlot): boolean {
    return isRestoreWorthwhile({ bytes, tokens, ...(this.#options.speeds ?? cautiousSpeeds) })
  }

  async #trim(): Promise<void> {
    let excess = this.#saved.reduce((sum, { bytes }) => sum + bytes, 0) - this.#options.bytesMax
    for (const { file, bytes } of this.#saved) {
      if (excess <= 0) return
      excess -= bytes
      await this.#forget(file)
    }
  }

  async #forget(file: string): Promise<void> {
    this.#saved = this.#saved.filter((saved) => saved.file !== file)
    await rm(file, { force: true })
  }

  async #empty(): Promise<void> {
    const { folder } = this.#options
    const files = await readdir(folder)
    await Promise.all(files.filter((file) => file.endsWith('.slot')).map((file) => rm(join(folder, file))))
  }

  #tell(owner: SlotOwner, error: unknown, message: string): void {
    const problem = error instanceof Error ? error.message : String(error)
    this.#options.logger.info({ ...owner, problem }, message)
  }
}

function keyOf({ binary, model }: SlotOwner): string {
  return `${binary}\0${model}`
}
