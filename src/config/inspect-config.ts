import { ConfigError } from './config-error.ts'
import type { ConfigProblem } from './config-error.ts'
import { loadConfig } from './load-config.ts'
import { findConfigFile, processSurroundings } from './locations.ts'
import type { ConfigLocation, Surroundings } from './locations.ts'
import { openConfig } from './open-config.ts'

export interface ConfigInspection {
  readonly location: ConfigLocation
  readonly problems: readonly ConfigProblem[]
  readonly warnings: readonly ConfigProblem[]
}

/** Everything there is to say about a configuration, without a throw. */
export async function inspectConfig({
  flag,
  data,
  backendKinds,
  isElsewhere,
  surroundings = processSurroundings(),
}: {
  /** The file to look at; without it the one that would be used. */
  readonly flag: string | undefined
  readonly data: string | undefined
  readonly backendKinds: readonly string[]
  /** The file is for another machine, so the certificates and stored keys of this one say nothing about it. */
  readonly isElsewhere: boolean
  readonly surroundings?: Surroundings
}): Promise<ConfigInspection> {
  const location = findConfigFile(flag, surroundings)
  try {
    const { warnings } = isElsewhere
      ? await loadConfig({ file: location.file, backendKinds, env: surroundings.env })
      : await openConfig({ flag, data, backendKinds, surroundings, checkFiles: true })
    return { location, problems: [], warnings }
  } catch (error) {
    if (error instanceof ConfigError) return { location, problems: error.problems, warnings: [] }
    throw error
  }
}
