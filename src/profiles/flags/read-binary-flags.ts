import { execFile } from 'node:child_process'
import { access, constants, stat } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'

import type { FlagTable } from './flag-table.ts'
import { parseHelp } from './parse-help.ts'

/** Printing a help takes a fraction of a second; a binary that waits for a GPU must not hold a start. */
const helpTimeoutMs = 15_000
const helpBytesMax = 4 * 1024 ** 2

/** Binaries remembered; nobody has as many at once. */
const rememberedMax = 16

// Of the process on purpose: the answer depends on the file alone, and a reload must not ask again.
const remembered = new Map<string, Promise<FlagTable | undefined>>()

/**
 * The flags that this binary speaks, by asking it once: a file that was not changed since is not asked again, and two
 * who ask at once share the answer.
 *
 * @param binary a path, or a name looked up in PATH.
 * @returns undefined when there is no such program, or its help names no flags.
 */
export async function readBinaryFlags(
  binary: string,
  { env = process.env }: { readonly env?: NodeJS.ProcessEnv } = {},
): Promise<FlagTable | undefined> {
  const file = await findProgram(binary, env)
  if (file === undefined) return undefined
  const { mtimeMs, size } = await stat(file)
  const key = `${file}:${mtimeMs}:${size}`
  const known = remembered.get(key)
  if (known !== undefined) return known
  const [oldest] = remembered.keys()
  if (remembered.size >= rememberedMax && oldest !== undefined) remembered.delete(oldest)
  const reading = askHelp(file, env)
  remembered.set(key, reading)
  const table = await reading
  if (table === undefined) remembered.delete(key) // it may have been busy; ask again next time
  return table
}

/** Where the system would find it: a path as it is, a name in the folders of PATH. */
export async function findProgram(binary: string, env: NodeJS.ProcessEnv = process.env): Promise<string | undefined> {
  const folders = binary.includes('/') ? [''] : (env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '')
  for (const folder of folders) {
    const file = folder === '' ? binary : join(folder, binary)
    if (await isProgram(file)) return file
  }
  return undefined
}

async function isProgram(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK)
    return (await stat(file)).isFile()
  } catch {
    return false // not there, or not to be run by this user
  }
}

async function askHelp(file: string, env: NodeJS.ProcessEnv): Promise<FlagTable | undefined> {
  const options = { timeout: helpTimeoutMs, maxBuffer: helpBytesMax, killSignal: 'SIGKILL', env } as const
  const output = await promisify(execFile)(file, ['--help'], options).catch((error: unknown) => outputOf(error))
  const table = parseHelp(`${output.stdout}\n${output.stderr}`, file)
  // A script that prints one line of usage is not a llama-server.
  return table.flags.length > 3 ? table : undefined
}

/** Older builds leave with 1 after their help, and print it to stderr. */
function outputOf(error: unknown): { readonly stdout: string; readonly stderr: string } {
  const text = (name: 'stdout' | 'stderr'): string => {
    return typeof error === 'object' && error !== null && name in error ? String(Reflect.get(error, name)) : ''
  }
  return { stdout: text('stdout'), stderr: text('stderr') }
}
