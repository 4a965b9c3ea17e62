import { readFile } from 'node:fs/promises'

import { checkFiles } from './check-files.ts'
import { ConfigError } from './config-error.ts'
import { parseConfig } from './parse-config.ts'
import type { ParseConfigOptions, ParsedConfig } from './parse-config.ts'
import { readProfileFiles } from './profiles/read-profile-files.ts'

export interface LoadConfigOptions extends Omit<ParseConfigOptions, 'text' | 'file' | 'profileFiles'> {
  /** Absolute; without one everything has its default. */
  readonly file: string | undefined
  /** Whether certificates must be readable now. Off where the file is checked on another machine. */
  readonly checkFiles?: boolean
  /** Also resolve the profiles that llmr brings when nothing extends one. */
  readonly withShippedProfiles?: boolean
}

export interface LoadedConfig extends ParsedConfig {
  readonly file: string | undefined
  /** The user's profiles/*.yaml that were read: a change of one is a change of the configuration. */
  readonly profileFiles: readonly string[]
}

/**
 * Reads and checks llmr.yaml.
 *
 * @throws ConfigError with every problem at once, that it cannot be read included.
 */
export async function loadConfig(options: LoadConfigOptions): Promise<LoadedConfig> {
  const { file } = options
  const text = file === undefined ? '' : await readText(file)
  const profileFiles = await readProfileFiles({ configFile: file, text, isAll: options.withShippedProfiles === true })
  const parsed = parseConfig({ ...options, text, file: file ?? '(no file)', profileFiles })
  if (options.checkFiles === true) {
    const findings = await checkFiles(parsed.config)
    if (findings.length > 0) throw new ConfigError(findings.map(parsed.toProblem))
  }
  const own = profileFiles.filter(({ isShipped }) => !isShipped)
  return { ...parsed, file, profileFiles: own.map((one) => one.file) }
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
    const message = reasons[code] ?? `cannot be read (${code})`
    throw new ConfigError([{ file, line: 1, column: 1, path: '', code: 'unreadable', message }])
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'this user may not read it; check its owner and mode',
  EISDIR: 'expected a file, got a folder',
}
