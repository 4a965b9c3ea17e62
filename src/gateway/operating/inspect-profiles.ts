import { ConfigError } from '../../config/config-error.ts'
import type { ConfigProblem } from '../../config/config-error.ts'
import { findConfigFile, processSurroundings } from '../../config/locations.ts'
import type { Surroundings } from '../../config/locations.ts'
import { openConfig } from '../../config/open-config.ts'
import type { OpenedConfig } from '../../config/open-config.ts'
import { inspectLaunch } from '../../profiles/check/inspect-launch.ts'
import { launchProfile } from '../configure/profile-settings.ts'

export interface ProfilesInspection {
  readonly file: string | undefined
  /** Those that can be launched, as far as the files could be read. */
  readonly names: readonly string[]
  readonly problems: readonly ConfigProblem[]
  readonly warnings: readonly ConfigProblem[]
}

/**
 * Everything that is wrong with the profiles, at file and line: the files by themselves, and if those are fine, what
 * they say against this machine and its engines.
 */
export async function inspectProfiles({
  flag,
  data,
  backendKinds,
  only,
  isElsewhere,
  surroundings = processSurroundings(),
}: {
  readonly flag: string | undefined
  readonly data: string | undefined
  readonly backendKinds: readonly string[]
  /** Names of profiles; all when absent. */
  readonly only?: readonly string[]
  readonly isElsewhere: boolean
  readonly surroundings?: Surroundings
}): Promise<ProfilesInspection> {
  const { file } = findConfigFile(flag, surroundings)
  try {
    const opened = await openConfig({ flag, data, backendKinds, surroundings })
    const names = Object.keys(opened.config.profiles)
    return { file, names, ...(await checkLaunches(opened, { only, isElsewhere })) }
  } catch (error) {
    if (error instanceof ConfigError) return { file, names: [], problems: error.problems, warnings: [] }
    throw error
  }
}

async function checkLaunches(
  { config, warnings, toProblem }: OpenedConfig,
  { only, isElsewhere }: { readonly only?: readonly string[]; readonly isElsewhere: boolean },
): Promise<Pick<ProfilesInspection, 'problems' | 'warnings'>> {
  const gateway = { host: config.listen.host, port: config.listen.port }
  const chosen = Object.entries(config.profiles).filter(([name]) => only === undefined || only.includes(name))
  const found = await Promise.all(
    chosen.map(async ([name, profile]) => {
      const findings = await inspectLaunch(launchProfile(name, profile), { gateway, isElsewhere })
      return findings.map((finding) => ({ ...finding, path: ['profiles', name, ...finding.path] }))
    }),
  )
  const findings = found.flat()
  return {
    problems: ordered(findings.filter(({ isWarning }) => isWarning !== true).map(toProblem)),
    warnings: ordered([
      ...warnings.filter(({ path }) => path.startsWith('profiles')),
      ...findings.filter(({ isWarning }) => isWarning === true).map(toProblem),
    ]),
  }
}

/** In the order of the lines, and what several profiles inherit from one place once. */
function ordered(problems: readonly ConfigProblem[]): readonly ConfigProblem[] {
  return problems.length === 0 ? [] : new ConfigError(problems).problems
}
