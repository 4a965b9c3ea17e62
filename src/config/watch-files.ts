import { statSync, watch } from 'node:fs'
import type { FSWatcher } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

import type { Logger } from '../core/logger.ts'

export interface WatchOptions {
  readonly files: readonly string[]
  /** Called with the files that changed, never while an earlier call is still at work. */
  readonly onChange: (files: readonly string[]) => void | Promise<void>
  readonly logger: Logger
  /** How late a change is seen where the system tells of none: symlinks that point elsewhere, network drives. */
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
 * Watches files by name, not by content's identity: editors replace a file by renaming another over it, and Kubernetes
 * swaps the folder behind a symlink. So each look follows the links anew, and what `fs.watch` says of the folder is only
 * a reason to look sooner. A file that is gone for an instant has not changed.
 *
 * What the files are is noted before this returns: start the watch first and read the files then, and no change is lost.
 */
export function watchFiles(options: WatchOptions): FileWatch {
  const bell = createBell()
  const watchers = watchFolders(options.files, bell.ring)
  const closing = new AbortController()
  const loop = runLoop(options, { bell, signal: closing.signal, seen: options.files.map(fingerprint) })
  return {
    async close() {
      closing.abort()
      bell.ring()
      for (const watcher of watchers) watcher.close()
      await loop
    },
  }
}

interface LoopState {
  readonly bell: Bell
  readonly signal: AbortSignal
  seen: readonly string[]
}

async function runLoop(options: WatchOptions, state: LoopState): Promise<void> {
  const { files, onChange, logger, pollIntervalMs = 1_000 } = options
  while (!state.signal.aborted) {
    await state.bell.wait(pollIntervalMs)
    const before = state.seen
    const now = await settled(options, state)
    const changed = files.filter((_, index) => now[index] !== before[index])
    if (changed.length === 0 || state.signal.aborted) continue
    state.seen = now
    try {
      await onChange(changed)
    } catch (error) {
      logger.error({ files: changed, error }, 'a change of files could not be taken over')
    }
  }
}

/** The files as they are once they have stopped changing. */
async function settled(
  { files, settleMs = 100, pollIntervalMs = 1_000 }: WatchOptions,
  { seen, signal }: LoopState,
): Promise<readonly string[]> {
  let last = files.map(fingerprint)
  for (let round = 0; round < settleRoundsMax; round++) {
    const isChanged = last.some((print, index) => print !== seen[index])
    if (!isChanged || signal.aborted) break
    const isGone = last.some((print, index) => print === missing && seen[index] !== missing)
    await delay(isGone ? pollIntervalMs : settleMs, undefined, { signal, ref: false }).catch(() => undefined) // closed
    const next = files.map(fingerprint)
    const isStill = next.every((print, index) => print === last[index])
    last = next
    if (isStill) break
  }
  return last
}

const missing = 'missing'

/** What tells one state of a file from another, links followed. Nanoseconds, as two writes can share a millisecond. */
function fingerprint(file: string): string {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = statSync(file, { bigint: true })
    return [dev, ino, size, mtimeNs, ctimeNs].join(':')
  } catch {
    return missing // or out of reach, which is no different to whoever wants to read it
  }
}

/** Where a folder cannot be watched (it does not exist yet, the system's limit is reached) the poll has to do. */
function watchFolders(files: readonly string[], onEvent: () => void): readonly FSWatcher[] {
  return Array.from(new Set(files.map((file) => dirname(file)))).flatMap((folder) => {
    try {
      const watcher = watch(folder, { persistent: false }, onEvent)
      watcher.on('error', () => watcher.close())
      return [watcher]
    } catch {
      return []
    }
  })
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
