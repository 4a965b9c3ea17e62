/**
 * Matches names such as model ids against patterns with `*` (any run of characters, `/` included: `org/model` is one
 * name) and `?` (one character). Case matters, as it does to engines. Time grows with the product of both lengths and no
 * faster: clients choose the names.
 */
export function globMatcher(patterns: readonly string[]): (name: string) => boolean {
  return (name) => patterns.some((pattern) => matchesGlob(name, pattern))
}

export function isGlob(pattern: string): boolean {
  return pattern.includes('*') || pattern.includes('?')
}

function matchesGlob(name: string, pattern: string): boolean {
  let at = 0
  let inPattern = 0
  let star = -1
  let starredFrom = 0
  while (at < name.length) {
    const wanted = pattern[inPattern]
    if (wanted === '*') {
      star = inPattern++
      starredFrom = at
    } else if (wanted === '?' || wanted === name[at]) {
      inPattern++
      at++
    } else if (star !== -1) {
      // Only the last star needs another try: what stood before it has matched as early as it could.
      inPattern = star + 1
      at = ++starredFrom
    } else {
      return false
    }
  }
  while (pattern[inPattern] === '*') inPattern++
  return inPattern === pattern.length
}
