import { checkConfig } from './check-config.ts'
import type { Checked } from './check-config.ts'
import { ConfigError } from './config-error.ts'
import type { ConfigProblem } from './config-error.ts'
import { deepFreeze } from './deep-freeze.ts'
import type { Finding } from './finding.ts'
import { formatPath } from './config-path.ts'
import { parseFile } from './parse-file.ts'
import type { ParsedFile } from './parse-file.ts'
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
}

export interface ParsedConfig {
  /** Frozen, all the way down. */
  readonly config: Config
  readonly warnings: readonly ConfigProblem[]
  /** Places what a later check finds. */
  readonly toProblem: (finding: Finding) => ConfigProblem
}

/**
 * The text of llmr.yaml as a typed configuration. Pure: nothing is read, resolved or looked up.
 *
 * @throws ConfigError with every problem at once.
 */
export function parseConfig({ text, file, backendKinds, env, hasStoredKeys }: ParseConfigOptions): ParsedConfig {
  const schema = configSchema(backendKinds)
  const parsed = parseFile({ text, file, schema, env })
  const { errors, warnings } = checkParsed(parsed, { schema, hasStoredKeys })

  const problems = [...parsed.problems, ...errors.map(parsed.toProblem)]
  if (parsed.value === undefined || problems.length > 0) throw new ConfigError(problems)
  const { value, toProblem } = parsed
  return { config: deepFreeze(value), warnings: warnings.map(toProblem), toProblem }
}

type ConfigSchema = ReturnType<typeof configSchema>

interface CheckContext {
  readonly schema: ConfigSchema
  readonly hasStoredKeys: boolean | undefined
}

const nothing: Checked = { errors: [], warnings: [] }

/** The checks across keys; where a key alone is wrong, on what is left without it. */
function checkParsed(parsed: ParsedFile<ConfigSchema>, { schema, hasStoredKeys }: CheckContext): Checked {
  const names = { backendNames: keysAt(parsed.written, 'backends'), modelNames: keysAt(parsed.written, 'models') }
  if (parsed.value !== undefined) return checkConfig({ config: parsed.value, ...names, hasStoredKeys })

  const config = parsed.written === undefined ? undefined : repairValue(parsed.written, schema)
  if (config === undefined) return nothing
  const reported = new Set(parsed.problems.map(({ path }) => path))
  // Wrong keys are still keys: that they are missing would be a second, false complaint.
  const isAuthWrong = parsed.problems.some(({ path }) => path.startsWith('auth'))
  const { errors } = checkConfig({ config, ...names, hasStoredKeys: isAuthWrong ? undefined : hasStoredKeys })
  return { errors: errors.filter(({ path }) => !reported.has(formatPath(path))), warnings: [] }
}

function keysAt(value: unknown, section: string): readonly string[] {
  if (typeof value !== 'object' || value === null) return []
  const content: unknown = Object.entries(value).find(([key]) => key === section)?.[1]
  return typeof content === 'object' && content !== null ? Object.keys(content) : []
}
