import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

import { StoreError } from '../store-error.ts'

export interface FolderLock {
  release(): void
}

/**
 * Takes a folder for this process alone. PGlite has no such lock: it lets two processes open one folder, and their
 * writes destroy each other without an error.
 *
 * The lock is SQLite's, on an empty file, because that is the one way from Node to a lock that the kernel holds: it is
 * gone with its process, however that ends, and needs no guess whether a process id of long ago, or of another
 * container, still means the one who wrote it down. The file beside it only tells whom to ask.
 *
 * @throws StoreError `store_locked`
 */
export function lockFolder(folder: string, nowMs: number): FolderLock {
  const holderFile = join(folder, 'holder.json')
  const file = new DatabaseSync(join(folder, 'lock'))
  try {
    file.exec('pragma busy_timeout = 0; begin exclusive')
  } catch (cause) {
    file.close()
    throw new StoreError(
      'store_locked',
      `The store in ${folder} is in use${describeHolder(holderFile)}. The embedded database serves one process at a ` +
        'time: end that one, choose another data folder, or use a PostgreSQL server (store.url, DATABASE_URL).',
      { cause },
    )
  }
  writeFileSync(holderFile, JSON.stringify({ pid: process.pid, since: new Date(nowMs).toISOString() }), { mode: 0o600 })
  return {
    release() {
      if (!file.isOpen) return
      rmSync(holderFile, { force: true })
      file.close()
    },
  }
}

function describeHolder(file: string): string {
  try {
    const { pid, since }: { pid?: unknown; since?: unknown } = JSON.parse(readFileSync(file, 'utf8'))
    return ` by process ${Number(pid)} since ${String(since)}`
  } catch {
    return '' // about to be written, or just taken away
  }
}
