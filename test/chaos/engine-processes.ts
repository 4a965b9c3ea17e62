import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { readProcess } from '../../src/lifecycle/process/process-table.ts'

/** What every engine of the chaos has in its command line, and nothing else on the machine. */
export const engineProgram = join(import.meta.dirname, 'engine.ts')

/** Engines on this machine that carry the mark and have not ended, whoever their parent is. Linux only. */
export function enginePids(mark: string): readonly number[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return []
    const pid = Number(name)
    return commandOf(pid).includes(mark) && readProcess(pid)?.isEnding === false ? pid : []
  })
}

function commandOf(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
  } catch {
    return [] // It has ended meanwhile.
  }
}

/** A file descriptor more than the table has is that of the look itself; the same at every look. */
export function openFiles(): number {
  return readdirSync('/proc/self/fd').length
}
