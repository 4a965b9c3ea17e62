import { runProgram } from '../memory/run-program.ts'
import type { RunProgram } from '../memory/run-program.ts'

/**
 * How much of some files is in the page cache, from 0 to 1; `undefined` where nothing can tell: `fincore` is part of
 * util-linux.
 */
export async function cachedShare(files: readonly string[], run: RunProgram = runProgram): Promise<number | undefined> {
  if (files.length === 0) return undefined
  const text = await run(['fincore', '--bytes', '--noheadings', '--raw', '--output', 'RES,SIZE', ...files])
  const rows = text?.trim().split('\n') ?? []
  if (rows.length !== files.length) return undefined
  let cached = 0
  let size = 0
  for (const row of rows) {
    const [res, all] = row.split(' ').map(Number)
    if (res === undefined || all === undefined || Number.isNaN(res) || Number.isNaN(all)) return undefined
    cached += Math.min(res, all)
    size += all
  }
  return size === 0 ? undefined : cached / size
}
