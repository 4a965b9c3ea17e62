import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import type { Logger } from '../../core/logger.ts'
import type { ProcessIdentity } from './process-table.ts'

/** One engine that llmr has started, as it is written down for the case that llmr dies first. */
export interface JournalEntry {
  readonly model: string
  readonly child: ProcessIdentity
  /** The llmr that started it, and ends it as long as it lives. */
  readonly owner: ProcessIdentity
  /** In the environment of everything that the engine started. */
  readonly mark: string
}

/**
 * The engines that run, a small file each in the data folder. Written without waiting in between: what is not written
 * when llmr dies is never found again.
 */
export class ChildJournal {
  readonly #folder: string
  readonly #logger: Logger
  #isBroken = false

  constructor({ folder, logger }: { readonly folder: string; readonly logger: Logger }) {
    this.#folder = folder
    this.#logger = logger
  }

  record(entry: JournalEntry): void {
    try {
      if (!existsSync(this.#folder)) mkdirSync(this.#folder, { mode: 0o700 })
      const text = JSON.stringify({ format: 'llmr-child', version: 1, ...entry })
      writeFileSync(this.#fileOf(entry), text, { mode: 0o600 })
    } catch (error) {
      if (!this.#isBroken) this.#warn(error)
      this.#isBroken = true
    }
  }

  /** May be called for what is not in it. */
  forget(entry: JournalEntry): void {
    rmSync(this.#fileOf(entry), { force: true })
  }

  /** Files that cannot be read as an entry are passed over: they name no process. */
  entries(): readonly JournalEntry[] {
    return this.#files().flatMap((file) => parseEntry(readText(join(this.#folder, file))) ?? [])
  }

  #files(): readonly string[] {
    try {
      return readdirSync(this.#folder).filter((file) => file.endsWith('.json'))
    } catch {
      return [] // nothing was ever started
    }
  }

  #fileOf({ mark }: JournalEntry): string {
    return join(this.#folder, `${mark}.json`)
  }

  #warn(error: unknown): void {
    const fields = { folder: this.#folder, problem: error instanceof Error ? error.message : String(error) }
    this.#logger.warn(fields, 'engines cannot be written down: should llmr crash, nobody ends them')
  }
}

const markPattern = /^[0-9a-f-]{36}$/

function parseEntry(text: string): JournalEntry | undefined {
  const value = parseJson(text)
  if (!isRecord(value) || value['format'] !== 'llmr-child' || value['version'] !== 1) return undefined
  const { model, mark } = value
  const child = parseIdentity(value['child'])
  const owner = parseIdentity(value['owner'])
  if (typeof model !== 'string' || typeof mark !== 'string' || !markPattern.test(mark)) return undefined
  return child === undefined || owner === undefined ? undefined : { model, mark, child, owner }
}

function parseIdentity(value: unknown): ProcessIdentity | undefined {
  if (!isRecord(value)) return undefined
  const { pid, startTime, bootId } = value
  // 0 and 1 would mean llmr's own group and everybody.
  if (typeof pid !== 'number' || !Number.isSafeInteger(pid) || pid <= 1) return undefined
  return typeof startTime === 'string' && typeof bootId === 'string' ? { pid, startTime, bootId } : undefined
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // half written when the power went
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return '' // another llmr has forgotten it in between
  }
}
