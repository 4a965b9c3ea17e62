import { readFile, readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'

import { packageRoot } from '../../core/package-root.ts'
import { ConfigError } from '../config-error.ts'
import type { ProfileFile } from '../parse-config.ts'

/** More than anybody keeps by hand; a folder of something else must not be read to its end. */
const filesMax = 500

/**
 * The texts of `profiles/*.yaml` beside llmr.yaml, in the order of their names, and of those that llmr brings where a
 * text may extend one.
 *
 * @param isAll hand over what llmr brings in any case.
 * @throws ConfigError when one cannot be read. A folder that is not there is an empty one.
 */
export async function readProfileFiles({
  configFile,
  text,
  isAll,
}: {
  readonly configFile: string | undefined
  readonly text: string
  readonly isAll: boolean
}): Promise<readonly ProfileFile[]> {
  const own = configFile === undefined ? [] : await readFolder(ownProfilesFolder(configFile), false)
  // A start without profiles must not pay for reading those that nobody uses.
  const mayExtend = [text, ...own.map((one) => one.text)].some((one) => one.includes('extends'))
  return isAll || mayExtend ? [...own, ...(await readFolder(join(packageRoot(), 'profiles'), true))] : own
}

/** Where the profiles of the operator stand that are not in llmr.yaml itself; need not exist. */
export function ownProfilesFolder(configFile: string): string {
  return join(dirname(configFile), 'profiles')
}

async function readFolder(folder: string, isShipped: boolean): Promise<readonly ProfileFile[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return []
    throw unreadable(folder, `this folder cannot be read (${codeOf(error)}); check its owner and mode`)
  })
  const files = names.filter((name) => /\.ya?ml$/.test(name) && !name.startsWith('.')).toSorted()
  if (files.length > filesMax) throw unreadable(folder, `expected at most ${filesMax} files, got ${files.length}`)
  return Promise.all(
    files.map(async (name) => {
      const file = join(folder, name)
      return { file, text: await readText(file), isShipped }
    }),
  )
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    throw unreadable(file, `cannot be read (${codeOf(error)}); check its owner and mode`)
  }
}

function unreadable(file: string, message: string): ConfigError {
  return new ConfigError([{ file, line: 1, column: 1, path: '', code: 'unreadable', message }])
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
}
