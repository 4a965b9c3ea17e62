/** What is wrong at one place of a file. Never holds the value of a secret. */
export interface ConfigProblem {
  readonly file: string
  /** From 1. */
  readonly line: number
  /** From 1, in UTF-16 units, as editors count. */
  readonly column: number
  /** `listen.port`, `auth.keys[0].name`, `models["qwen3-*"].pick`; `''` for the whole file. */
  readonly path: string
  /** What was expected, what came, what to do. */
  readonly message: string
  readonly code: ConfigProblemCode
}

export type ConfigProblemCode =
  | 'unreadable'
  | 'syntax'
  | 'duplicate_key'
  | 'unknown_key'
  | 'missing_key'
  | 'wrong_type'
  | 'wrong_value'
  | 'bad_substitution'
  | 'unset_variable'
  | 'conflict'
  | 'unknown_name'
  | 'no_auth'

/** A file that cannot be used, with everything that is wrong with it, in the order of its lines. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly code = 'invalid_config'
  readonly problems: readonly ConfigProblem[]

  constructor(problems: readonly ConfigProblem[]) {
    const ordered = inOrder(problems)
    super(ordered.map(formatProblem).join('\n'))
    this.problems = ordered
  }
}

/** By file, line and column, and each once: what an alias stands for is complained of once, not at each use. */
function inOrder(problems: readonly ConfigProblem[]): readonly ConfigProblem[] {
  const unique = new Map(problems.map((problem) => [JSON.stringify({ ...problem, path: '' }), problem]))
  return Array.from(unique.values()).sort((a, b) => {
    return a.file.localeCompare(b.file) || a.line - b.line || a.column - b.column
  })
}

/** `llmr.yaml:3:5  listen.prot  unknown key; did you mean "port"?` */
export function formatProblem({ file, line, column, path, message }: ConfigProblem): string {
  return [`${file}:${line}:${column}`, path, message].filter((part) => part !== '').join('  ')
}
