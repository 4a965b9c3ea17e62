import { mkdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'

/**
 * Makes a folder for this user alone, and those above it as far as they are missing.
 *
 * @throws the system's error when that is not possible. (Node's own recursive `mkdir` never ends where the system refuses
 * with ENOENT below a folder that exists, as in /proc.)
 */
export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 })
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return
    const parent = dirname(path)
    if (!hasCode(error, 'ENOENT') || parent === path || (await exists(parent))) throw error
    await makeFolder(parent)
    await mkdir(path, { mode: 0o700 })
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
