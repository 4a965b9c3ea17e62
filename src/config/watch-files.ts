import { watch } from 'node:fs'
import type { FSWatcher } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

import type { Logger } from '../core/logger.ts'

export interface WatchOptions {
  readonly files: readonly string[]
  /** Folders of which every YAML file counts, those that come later included. They need not exist yet. */
  readonly folders?: readonly string[]
  /** Called with the files that changed, never while an earlier call is still at work. */
  readonly onChange: (files: readonly string[]) => void | Promise<void>
  readonly logger: Logger
  /** How late a change is seen where the system tells of none: links that point elsewhere, network drives. */
  readonly pollIntervalMs?: number
  /** How long the files must stay as they are: editors write in several steps. */
  readonly settleMs?: number
}

export interface FileWatch {
  /** Waits for an `onChange` at work; may be called twice. */
  close(): Promise<void>
}

/** A file that is written without end is reported now and then. */
const settleRoundsMax = 50

/**
 * Watches files by name: editors replace a file by renaming another over it, and Kubernetes swaps the folder behind a
 * link. So each look follows the links anew, and what the system tells of the folder is only a reason to look sooner.
 * A file that is gone for an instant has not changed.
 *
 * The files are looked at before this resolves: start the watch first and read them then, and no change is lost.
 */
export async function watchFiles(options: WatchOptions): Promise<FileWatch> {
  const { files, folders = [], logger } = options
  const bell = createBell()
  const watchers = [
    ...watchNames([...files, ...folders], bell.ring),
    ...folders.flatMap((one) => watchAll(one, bell.ring)),
  ]
  const closing = new AbortController()
  const state: LoopState = { bell, signal: closing.signal, seen: await fingerprints(options), work: Promise.resolve() }
  runLoop(options, state).catch((error: unknown) => {
    logger.error({ files: [...files, ...folders], error }, 'files are no longer watched')
  })
  return {
    async close() {
      closing.abort()
      bell.ring()
      for (const watcher of watchers) watcher.close()
      await state.work // and not for the loop, which may hang in a look at a network drive
    },
  }
}

interface LoopState {
  readonly bell: Bell
  readonly signal: AbortSignal
  seen: Fingerprints
  work: Promise<void>
}

async function runLoop(options: WatchOptions, state: LoopState): Promise<void> {
  const { pollIntervalMs = 1_000 } = options
  while (!state.signal.aborted) {
    await state.bell.wait(pollIntervalMs)
    const now = await settled(options, state)
    const changed = changedFiles(state.seen, now)
    if (changed.length === 0 || state.signal.aborted) continue
    state.seen = now
    state.work = report(options, changed)
    await state.work
  }
}

async function report({ onChange, logger }: WatchOptions, changed: readonly string[]): Promise<void> {
  try {
    await onChange(changed)
  } catch (error) {
    logger.error({ files: changed, error }, 'a change of files could not be taken over')
  }
}

/** The files as they are once they have stopped changing. */
async function settled(options: WatchOptions, { seen, signal }: LoopState): Promise<Fingerprints> {
  const { settleMs = 100, pollIntervalMs = 1_000 } = options
  let last = await fingerprints(options)
  for (let round = 0; round < settleRoundsMax && !isSame(last, seen) && !signal.aborted; round++) {
    const isGone = seen.keys().some((file) => !last.has(file))
    await delay(isGone ? pollIntervalMs : settleMs, undefined, { signal, ref: false }).catch(() => undefined) // closed
    const next = await fingerprints(options)
    if (isSame(next, last)) break
    last = next
  }
  return last
}

/** By file; those that are missing have none. */
type Fingerprints = ReadonlyMap<string, string>

function isSame(some: Fingerprints, others: Fingerprints): boolean {
  return changedFiles(some, others).length === 0
}

function changedFiles(before: Fingerprints, after: Fingerprints): readonly string[] {
  const files = new Set([...before.keys(), ...after.keys()])
  return [...files].filter((file) => before.get(file) !== after.get(file))
}

async function fingerprints({ files, folders = [] }: WatchOptions): Promise<Fingerprints> {
  const inFolders = await Promise.all(folders.map(yamlFilesIn))
  const entries = await Promise.all(
    [...files, ...inFolders.flat()].map(async (file) => [file, await fingerprint(file)] as const),
  )
  return new Map(entries.flatMap(([file, print]) => (print === undefined ? [] : [[file, print]])))
}

/** A folder that is not there is an empty one. */
async function yamlFilesIn(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch(() => [])
  return names.filter(isYaml).map((name) => join(folder, name))
}

function isYaml(name: string): boolean {
  return /\.ya?ml$/.test(name) && !name.startsWith('.')
}

/** What tells one state of a file from another, links followed. Nanoseconds, as two writes can share a millisecond. */
async function fingerprint(file: string): Promise<string | undefined> {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = await stat(file, { bigint: true })
    return [dev, ino, size, mtimeNs, ctimeNs].join(':')
  } catch {
    return undefined // missing, or out of reach, which is no different to whoever wants to read it
  }
}

function watchNames(paths: readonly string[], onEvent: () => void): readonly FSWatcher[] {
  return Array.from(Map.groupBy(paths, (path) => dirname(path))).flatMap(([folder, inFolder]) => {
    const names = new Set(inFolder.map((path) => basename(path)))
    return watchFolder(folder, onEvent, (name) => names.has(name))
  })
}

function watchAll(folder: string, onEvent: () => void): readonly FSWatcher[] {
  return watchFolder(folder, onEvent, isYaml)
}

/** Where a folder cannot be watched (it does not exist yet, the system's limit is reached) the poll has to do. */
function watchFolder(folder: string, onEvent: () => void, counts: (name: string) => boolean): readonly FSWatcher[] {
  try {
    const watcher = watch(folder, { persistent: false }, (_, name) => {
      // A log in the same folder must not keep us looking. Kubernetes renames `..data`.
      if (name === null || counts(name) || name.startsWith('..')) onEvent()
    })
    watcher.on('error', () => watcher.close())
    return [watcher]
  } catch {
    return []
  }
}

interface Bell {
  readonly ring: () => void
  /** Ends at the next ring, at once if one came since the last wait, or after the time. */
  readonly wait: (atMostMs: number) => Promise<void>
}

function createBell(): Bell {
  let hasRung = false
  let wake: (() => void) | undefined
  return {
    ring() {
      hasRung = true
      wake?.()
    },
    async wait(atMostMs) {
      if (!hasRung) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, atMostMs)
          timer.unref()
          wake = () => {
            clearTimeout(timer)
            resolve()
          }
        })
      }
      wake = undefined
      hasRung = false
    },
  }
}
