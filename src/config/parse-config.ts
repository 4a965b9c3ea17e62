import { checkConfig } from './check-config.ts'
import type { Checked } from './checked.ts'
import { ConfigError } from './config-error.ts'
import type { ConfigProblem } from './config-error.ts'
import { deepFreeze } from '../core/deep-freeze.ts'
import type { Finding } from './finding.ts'
import { formatPath } from './config-path.ts'
import { parseFile } from './parse-file.ts'
import type { ParsedFile } from './parse-file.ts'
import { profileFileSchema } from './profile-schema.ts'
import { checkPlaces } from './profiles/check-places.ts'
import type { ProfileSource } from './profiles/profile-source.ts'
import { resolveProfiles } from './profiles/resolve-profiles.ts'
import type { ResolvedProfiles } from './profiles/resolve-profiles.ts'
import { repairValue } from './repair-value.ts'
import { configSchema } from './schema.ts'
import type { Config } from './schema.ts'
import type { Environment } from './substitute-environment.ts'

export interface ParseConfigOptions {
  readonly text: string
  /** Named in problems; relative paths in the file start from its folder. */
  readonly file: string
  /** The kinds that `backends/` has adapters for. */
  readonly backendKinds: readonly string[]
  readonly env: Environment
  /** Whether the data folder holds keys. Without it the check for missing auth is left out: see `checkExposure`. */
  readonly hasStoredKeys?: boolean
  /** The texts of profiles/*.yaml beside the file, and of those that llmr brings. */
  readonly profileFiles?: readonly ProfileFile[]
}

export interface ProfileFile {
  readonly file: string
  readonly text: string
  /** Comes with llmr. */
  readonly isShipped: boolean
}

export interface ParsedConfig {
  /** Frozen, all the way down. Its profiles are whole: inheritance and macros are worked out. */
  readonly config: Config
  /** Profiles that can only be extended, those that llmr brings included as far as they were handed in. */
  readonly templates: ResolvedProfiles['templates']
  /** The file a profile or template is written in. */
  readonly profileFileOf: ResolvedProfiles['fileOf']
  readonly warnings: readonly ConfigProblem[]
  /** Places what a later check finds. */
  readonly toProblem: (finding: Finding) => ConfigProblem
}

/**
 * The text of llmr.yaml as a typed configuration. Pure: nothing is read, resolved or looked up.
 *
 * @throws ConfigError with every problem at once.
 */
export function parseConfig(options: ParseConfigOptions): ParsedConfig {
  const { text, file, backendKinds, env, hasStoredKeys, profileFiles = [] } = options
  const schema = configSchema(backendKinds)
  const parsed = parseFile({ text, file, schema, env })
  const files = profileFiles.map((one) => ({ ...one, parsed: parseFile({ ...one, schema: profileFileSchema }) }))
  const resolved = resolveProfiles({
    sources: [
      { file, isShipped: false, root: parsed.root, position: parsed.position },
      ...files.map((one): ProfileSource => ({ ...one, root: one.parsed.root, position: one.parsed.position })),
    ],
    env,
  })
  const { errors, warnings } = checkParsed(parsed, { schema, hasStoredKeys, resolved })

  const problems = [
    ...parsed.problems,
    ...files.flatMap((one) => one.parsed.problems),
    ...resolved.problems,
    ...(parsed.value === undefined ? [] : checkPlaces(resolved.profiles, parsed.value.scheduling))
      .map(resolved.toProblem)
      .filter((problem) => problem !== undefined),
    ...errors.map(parsed.toProblem),
  ]
  if (parsed.value === undefined || problems.length > 0) throw new ConfigError(problems)
  return {
    config: deepFreeze({ ...parsed.value, profiles: resolved.profiles }),
    templates: deepFreeze(resolved.templates),
    profileFileOf: resolved.fileOf,
    warnings: [...warnings.map(parsed.toProblem), ...resolved.warnings],
    toProblem: (finding) => resolved.toProblem(finding) ?? parsed.toProblem(finding),
  }
}

type ConfigSchema = ReturnType<typeof configSchema>

interface CheckContext {
  readonly schema: ConfigSchema
  readonly hasStoredKeys: boolean | undefined
  readonly resolved: ResolvedProfiles
}

const nothing: Checked = { errors: [], warnings: [] }

/** The checks across keys; where a key alone is wrong, on what is left without it. */
function checkParsed(parsed: ParsedFile<ConfigSchema>, { schema, hasStoredKeys, resolved }: CheckContext): Checked {
  const names = {
    backendNames: keysAt(parsed.written, 'backends'),
    modelNames: [...keysAt(parsed.written, 'models'), ...namesOf(resolved)],
  }
  if (parsed.value !== undefined) return checkConfig({ config: parsed.value, ...names, hasStoredKeys })

  const config = parsed.written === undefined ? undefined : repairValue(parsed.written, schema)
  if (config === undefined) return nothing
  const reported = new Set(parsed.problems.map(({ path }) => path))
  // Wrong keys are still keys: that they are missing would be a second, false complaint.
  const isAuthWrong = parsed.problems.some(({ path }) => path.startsWith('auth'))
  const { errors } = checkConfig({ config, ...names, hasStoredKeys: isAuthWrong ? undefined : hasStoredKeys })
  return { errors: errors.filter(({ path }) => !reported.has(formatPath(path))), warnings: [] }
}

/** What clients may ask for because there is a profile. */
function namesOf({ profiles }: ResolvedProfiles): readonly string[] {
  return Object.entries(profiles).flatMap(([name, { aliases, filters }]) => {
    return [name, ...aliases, ...Object.keys(filters.set_by_name)]
  })
}

function keysAt(value: unknown, section: string): readonly string[] {
  if (typeof value !== 'object' || value === null) return []
  const content: unknown = Object.entries(value).find(([key]) => key === section)?.[1]
  return typeof content === 'object' && content !== null ? Object.keys(content) : []
}
