import { resolve } from 'node:path'

import { ConfigError } from './config-error.ts'
import type { ConfigProblem } from './config-error.ts'
import { keysFile, readKeys } from './keys-file.ts'
import { loadConfig } from './load-config.ts'
import type { LoadedConfig } from './load-config.ts'
import { dataDirectory, findConfigFile, processSurroundings } from './locations.ts'
import type { ConfigLocation, Surroundings } from './locations.ts'
import type { KeyConfig } from './schema.ts'

export interface OpenedConfig extends LoadedConfig {
  readonly location: ConfigLocation
  readonly dataDirectory: string
  readonly keysFile: string
  /** Made by `llmr keys create`; they count beside `config.auth.keys`. */
  readonly storedKeys: readonly KeyConfig[]
}

/**
 * Finds the configuration as this process would, and loads it with the stored keys.
 *
 * @throws ConfigError with every problem at once.
 */
export async function openConfig({
  flag,
  data,
  backendKinds,
  checkFiles,
  withShippedProfiles,
  surroundings = processSurroundings(),
}: {
  /** The value of `--config`. */
  readonly flag: string | undefined
  /** The value of `--data`. */
  readonly data?: string
  readonly backendKinds: readonly string[]
  readonly checkFiles?: boolean
  readonly withShippedProfiles?: boolean
  readonly surroundings?: Surroundings
}): Promise<OpenedConfig> {
  const location = findConfigFile(flag, surroundings)
  const folder = data === undefined ? dataDirectory(surroundings) : resolve(surroundings.workingDirectory, data)
  const file = keysFile(folder)
  const stored = await attempt(readKeys(file))
  const loaded = await attempt(
    loadConfig({
      file: location.file,
      backendKinds,
      env: surroundings.env,
      hasStoredKeys: stored.value && stored.value.length > 0,
      checkFiles,
      withShippedProfiles,
    }),
  )
  if (stored.value === undefined || loaded.value === undefined) {
    throw new ConfigError([...stored.problems, ...loaded.problems])
  }
  return { ...loaded.value, location, dataDirectory: folder, keysFile: file, storedKeys: stored.value }
}

interface Attempt<Value> {
  readonly value?: Value
  readonly problems: readonly ConfigProblem[]
}

/** Two files can be wrong at once. */
async function attempt<Value>(work: Promise<Value>): Promise<Attempt<Value>> {
  try {
    return { value: await work, problems: [] }
  } catch (error) {
    if (error instanceof ConfigError) return { problems: error.problems }
    throw error
  }
}
