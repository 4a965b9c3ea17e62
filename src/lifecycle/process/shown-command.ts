const secretFlag = /^--?[\w-]*(?:key|token|secret|password)$/i
const secretAssignment = /^(--?[\w-]*(?:key|token|secret|password)=).+/i

/** A command line as logs may show it: what follows `--api-key` and its like is left out. */
export function shownCommand(argv: readonly string[]): string {
  return argv
    .map((word, index) => {
      if (secretFlag.test(argv[index - 1] ?? '')) return '***'
      return quoted(word.replace(secretAssignment, '$1***'))
    })
    .join(' ')
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`
}
