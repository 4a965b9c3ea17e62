/**
 * Matches names such as model ids against patterns with `*` (any run of characters, `/` included: `org/model` is one
 * name) and `?` (one character). Case matters, as it does to engines.
 */
export function globMatcher(patterns: readonly string[]): (name: string) => boolean {
  const expressions = patterns.map(
    (pattern) =>
      new RegExp(
        `^${pattern
          .replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`)
          .replaceAll('*', '.*')
          .replaceAll('?', '.')}$`,
        's',
      ),
  )
  return (name) => expressions.some((expression) => expression.test(name))
}

export function isGlob(pattern: string): boolean {
  return pattern.includes('*') || pattern.includes('?')
}
