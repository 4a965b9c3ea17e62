import { hash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import type { BackendSettings } from '../../core/backend.ts'
import { at, numberAt, objectAt, parseForeignJson, textAt } from '../../core/foreign-json.ts'
import { isToolLane, type LaneVerdict } from '../../core/tool-lane.ts'
import { emptyRecord, type LaneRecord, laneSigns } from '../../toolcalls/lane/lane-record.ts'

/** Models of all backends; the one that was written longest ago goes. */
const keptMax = 200

/**
 * What was learnt of models, in the folder of the gateway's data: a file each, so that a command that probes and a gateway
 * that runs write beside each other.
 */
export class LaneFiles {
  readonly #folder: string
  #writing: Promise<unknown> = Promise.resolve()

  constructor(dataDirectory: string) {
    this.#folder = join(dataDirectory, 'lanes')
  }

  /** `undefined` where nothing was learnt, or it cannot be read. */
  load(key: string): LaneRecord | undefined {
    try {
      const json = parseForeignJson(readFileSync(this.#fileOf(key), 'utf8'))
      return textAt(json, 'key') === key ? readRecord(json) : undefined
    } catch {
      return undefined // not there yet; a file that cannot be read is written anew
    }
  }

  /** One after the other. Never rejects: what is not remembered is learnt again. */
  save(key: string, record: LaneRecord): Promise<unknown> {
    this.#writing = this.#writing.then(() => this.#write(key, record)).catch(() => undefined)
    return this.#writing
  }

  /** Resolves when everything is written. */
  async close(): Promise<void> {
    await this.#writing
  }

  async #write(key: string, record: LaneRecord): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 })
    const file = this.#fileOf(key)
    const half = `${file}.${process.pid}`
    await writeFile(half, JSON.stringify({ version: 1, key, ...record }), { mode: 0o600 })
    await rename(half, file)
    await this.#forget()
  }

  async #forget(): Promise<void> {
    const names = await readdir(this.#folder)
    if (names.length <= keptMax) return
    const dated = await Promise.all(
      names.map(async (name) => ({ name, atMs: (await stat(join(this.#folder, name))).mtimeMs })),
    )
    const oldest = dated.toSorted((one, other) => one.atMs - other.atMs).slice(0, names.length - keptMax)
    await Promise.all(oldest.map(({ name }) => rm(join(this.#folder, name), { force: true })))
  }

  #fileOf(key: string): string {
    return join(this.#folder, `${hash('sha256', key).slice(0, 24)}.json`)
  }
}

function readRecord(json: unknown): LaneRecord {
  const counts = objectAt(json, 'counts') ?? {}
  const learnt = readVerdict(at(json, 'learnt'))
  const probed = readVerdict(at(json, 'probed'))
  const fault = textAt(json, 'grammarFault')
  return {
    ...emptyRecord(textAt(json, 'build') ?? ''),
    counts: Object.fromEntries(
      laneSigns.flatMap((sign) => (numberAt(counts, sign) ? [[sign, numberAt(counts, sign)]] : [])),
    ),
    strictness: textAt(json, 'strictness') === 'full' ? 'full' : 'loose',
    ...(learnt !== undefined && { learnt }),
    ...(probed !== undefined && { probed }),
    ...((fault === 'refused' || fault === 'ignored') && { grammarFault: fault }),
  }
}

function readVerdict(json: unknown): LaneVerdict | undefined {
  const lane = textAt(json, 'lane')
  const reason = textAt(json, 'reason')
  const atMs = numberAt(json, 'atMs')
  return isToolLane(lane) && reason !== undefined && atMs !== undefined ? { lane, reason, atMs } : undefined
}

/** A model at a server, whatever the operator calls that. */
export function keyOf({ url }: Pick<BackendSettings, 'url'>, model: string): string {
  return JSON.stringify([url, model])
}
