import { randomUUID } from 'node:crypto'
import { chmod, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'

import type { Connection } from '../../backends/connection.ts'
import type { Logger } from '../../core/logger.ts'
import { makeFolder } from '../output/make-folder.ts'
import { chooseRestores } from './choose-restores.ts'
import { isRestoreWorthwhile, judgeRestore } from './judge-restore.ts'
import type { RestoreOutcome } from './judge-restore.ts'
import { restoreSlot, saveSlot } from './slot-calls.ts'
import type { WarmSlot } from './warm-conversations.ts'

/** Whose state it is: another model cannot use it, nor the same one in another build or with another cache. */
export interface SlotOwner {
  readonly model: string
  /** What it was launched with, but for what differs from start to start. */
  readonly command: string
}

export interface RestoredSlot {
  readonly slotId: number
  readonly conversation: string
  readonly tokens: number
}

export interface SlotKeeperOptions {
  /** The engine's `--slot-save-path`, and nobody else's folder: it is emptied at the start. */
  readonly folder: string
  /** All files together; those unused longest go first. */
  readonly bytesMax: number
  readonly logger: Logger
  /** Until they are measured. */
  readonly speeds?: { readonly diskBytesPerSecond: number; readonly prefillTokensPerSecond: number }
}

interface SavedSlot extends RestoredSlot, WarmSlot {
  readonly file: string
  readonly bytes: number
  readonly owner: SlotOwner
}

/** A slow disk and a quick GPU, until somebody has measured. */
const cautiousSpeeds = { diskBytesPerSecond: 500e6, prefillTokensPerSecond: 2_000 }

/** One may be bad luck: the client went on with something else. */
const missesMax = 2

/** How much of a new measurement counts. */
const newestShare = 0.5

/**
 * Keeps what an engine has read of conversations over a swap: saved before the engine ends, put back before its first
 * request, deleted then. The files are the users' text, so they are readable to the operator alone, capped, and never
 * survive llmr. Where restores turn out to be of no use it stops by itself.
 */
export class SlotKeeper {
  readonly #options: SlotKeeperOptions
  #bytesMax: number
  #diskBytesPerSecond: number
  readonly #prefillTokensPerSecond = new Map<string, number>()
  #saved: readonly SavedSlot[] = []
  readonly #misses = new Map<string, number>()

  private constructor(options: SlotKeeperOptions) {
    this.#options = options
    this.#bytesMax = options.bytesMax
    this.#diskBytesPerSecond = (options.speeds ?? cautiousSpeeds).diskBytesPerSecond
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

  /** Counts from the next save on. */
  limitTo(bytesMax: number): void {
    this.#bytesMax = bytesMax
  }

  /** How quickly this engine reads a prompt, which is what a restore saves. */
  measuredPrefill({ model }: SlotOwner, tokensPerSecond: number): void {
    const before = this.#prefillTokensPerSecond.get(model) ?? tokensPerSecond
    this.#prefillTokensPerSecond.set(model, before + newestShare * (tokensPerSecond - before))
  }

  /** In the order given. Never throws but for the signal: what cannot be saved is computed again. */
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
        const saved = { ...slot, tokens, file, bytes, owner }
        if (tokens > 0 && this.#isWorthwhile(saved)) this.#saved = [...this.#saved, saved]
        else await this.#forget(file)
      } catch (error) {
        await this.#forget(file)
        signal.throwIfAborted()
        this.#tell(owner, error, 'a conversation could not be saved')
        this.#count(owner, 'missed')
        if (!this.isOn(owner)) return
      }
      await this.#trim()
    }
  }

  /**
   * Puts back what was saved of this model and is worth the time, see `chooseRestores`, and deletes all of it. Never throws
   * but for the signal.
   */
  async restore(request: {
    readonly connection: Connection
    readonly owner: SlotOwner
    readonly awaited: ReadonlySet<string>
    readonly signal: AbortSignal
  }): Promise<readonly RestoredSlot[]> {
    const { connection, owner, awaited, signal } = request
    const own = this.#saved.filter((saved) => saved.owner.model === owner.model)
    const usable = own.filter((saved) => keyOf(saved.owner) === keyOf(owner))
    const chosen = chooseRestores(usable, { awaited, diskBytesPerSecond: this.#diskBytesPerSecond })
    try {
      const restored: RestoredSlot[] = []
      for (const saved of chosen) restored.push(...(await this.#putBack({ saved, connection, owner, signal })))
      return restored
    } finally {
      // What was left out would be older than what the engine reads now.
      for (const { file } of own) await this.#forget(file)
    }
  }

  /** What the first request after a restore has shown. */
  observe(owner: SlotOwner, outcome: RestoreOutcome): void {
    this.#count(owner, judgeRestore(outcome))
  }

  /** Deletes what was saved of models that are no longer among these. */
  async retain(models: ReadonlySet<string>): Promise<void> {
    for (const { owner, file } of this.#saved) if (!models.has(owner.model)) await this.#forget(file)
  }

  /** Deletes every file. May be called twice. */
  async close(): Promise<void> {
    this.#saved = []
    await this.#empty()
  }

  async #putBack({
    saved,
    connection,
    owner,
    signal,
  }: {
    readonly saved: SavedSlot
    readonly connection: Connection
    readonly owner: SlotOwner
    readonly signal: AbortSignal
  }): Promise<readonly RestoredSlot[]> {
    const { file, bytes, slotId, conversation } = saved
    const beganAtMs = performance.now()
    try {
      const fileName = file.slice(file.lastIndexOf('/') + 1)
      const tokens = await restoreSlot({ connection, slotId, fileName, signal })
      const tookMs = performance.now() - beganAtMs
      this.#diskBytesPerSecond += newestShare * ((1_000 * bytes) / tookMs - this.#diskBytesPerSecond)
      this.#options.logger.debug({ model: owner.model, tokens, bytes, took_ms: tookMs }, 'a conversation was put back')
      return [{ slotId, conversation, tokens }]
    } catch (error) {
      signal.throwIfAborted()
      this.#tell(owner, error, 'a conversation could not be put back')
      this.#count(owner, 'missed')
      return []
    }
  }

  #count(owner: SlotOwner, verdict: 'used' | 'missed'): void {
    const wasOn = this.isOn(owner)
    const key = keyOf(owner)
    this.#misses.set(key, verdict === 'used' ? 0 : (this.#misses.get(key) ?? 0) + 1)
    if (wasOn && !this.isOn(owner)) {
      const { model } = owner
      this.#options.logger.warn({ model }, 'conversations are not saved any more: this engine makes no use of them')
    }
  }

  #isWorthwhile({ bytes, tokens, owner }: SavedSlot): boolean {
    const { prefillTokensPerSecond: guess } = this.#options.speeds ?? cautiousSpeeds
    const prefillTokensPerSecond = this.#prefillTokensPerSecond.get(owner.model) ?? guess
    return isRestoreWorthwhile({ bytes, tokens, diskBytesPerSecond: this.#diskBytesPerSecond, prefillTokensPerSecond })
  }

  async #trim(): Promise<void> {
    let excess = this.#saved.reduce((sum, { bytes }) => sum + bytes, 0) - this.#bytesMax
    for (const { file, bytes } of this.#saved.toSorted((one, other) => one.lastUse - other.lastUse)) {
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
    await Promise.all(
      files.filter((file) => file.endsWith('.slot')).map((file) => rm(join(folder, file), { force: true })),
    )
  }

  #tell({ model }: SlotOwner, error: unknown, message: string): void {
    const problem = error instanceof Error ? error.message : String(error)
    this.#options.logger.info({ model, problem }, message)
  }
}

function keyOf({ model, command }: SlotOwner): string {
  return `${model}\0${command}`
}
