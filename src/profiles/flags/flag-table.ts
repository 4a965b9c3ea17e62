/** One flag of an engine, as its `--help` tells. */
export interface Flag {
  /** All names with their dashes, negations left out, in the order of the help. */
  readonly names: readonly string[]
  /** Names that switch it off: `--no-mmap`. */
  readonly negations: readonly string[]
  /** What stands for the value in the help; absent for a switch. */
  readonly placeholder?: string
  /** Words it accepts; absent where any value goes. */
  readonly values?: readonly string[]
  /** Several values are one word with commas; otherwise the flag is repeated. */
  readonly isCommaList: boolean
  /** What the help says to use instead of a flag that is only kept to complain. */
  readonly removed?: string
}

/** The flags of one binary. */
export interface FlagTable {
  /** Where it comes from, for messages: `llama-server --help`, `the flags llmr knows`. */
  readonly origin: string
  readonly flags: readonly Flag[]
  /** @param name with its dashes. */
  readonly find: (name: string) => Flag | undefined
}

export function createFlagTable(origin: string, flags: readonly Flag[]): FlagTable {
  const byName = new Map(
    flags.flatMap((flag) => [...flag.names, ...flag.negations].map((name) => [name, flag] as const)),
  )
  return { origin, flags, find: (name) => byName.get(name) }
}

/** How the flag is called in profiles: its first long name, without dashes. */
export function flagKey({ names }: Flag): string {
  const long = names.find((name) => name.startsWith('--')) ?? names[0] ?? ''
  return long.replace(/^-+/, '')
}

/** Keys that may be meant by a wrong one; removed flags are no good advice. */
export function flagKeys({ flags }: FlagTable): readonly string[] {
  return flags
    .filter(({ removed }) => removed === undefined)
    .flatMap(({ names, negations }) => [...names, ...negations])
    .filter((name) => name.startsWith('--'))
    .map((name) => name.slice(2))
}
