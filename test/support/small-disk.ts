import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A disk in memory that holds no more than that, where this process may make one; else why not. */
export function smallDisk(bytes: number): { readonly folder: string; remove(): void } | { readonly skip: string } {
  const folder = mkdtempSync(join(tmpdir(), 'llmr-test-disk-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', folder], { stdio: 'ignore' })
  } catch {
    rmdirSync(folder)
    return { skip: 'a small disk needs the right to mount one' }
  }
  return {
    folder,
    remove: () => {
      // Files are closed some time later.
      execFileSync('umount', ['--lazy', folder], { stdio: 'ignore' })
      rmdirSync(folder)
    },
  }
}
