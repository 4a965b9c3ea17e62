/**
 * A result without what differs each time although nothing changed: times, durations, process ids, addresses, UUIDs,
 * temporary paths. Counts and percentages stay: they are progress. Long results are compared by both ends.
 */
export function maskVolatile(text: string): string {
  const shown =
    text.length <= comparedMax
      ? text
      : `${text.slice(0, comparedMax / 2)}…${text.slice(-comparedMax / 2)}…${text.length}`
  return volatile
    .reduce((masked, [pattern, mask]) => masked.replaceAll(pattern, mask), shown)
    .replaceAll(/\s+/g, ' ')
    .trim()
}

/** Characters. */
const comparedMax = 8192

const volatile: readonly (readonly [RegExp, string])[] = [
  [/\b[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}\b/gi, '<uuid>'],
  [/\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?\b/g, '<time>'],
  [/\b\d{1,2}:\d\d:\d\d(?:[.,]\d+)?\b/g, '<time>'],
  [/\b0x[\da-f]{4,16}\b/gi, '<address>'],
  [/\b\d+(?:\.\d+)?\s?(?:ns|µs|us|ms|s|sec|secs|seconds?|minutes?|m\d+s)\b/g, '<duration>'],
  [/\b(?:pid|process(?: id)?|tid)[ =:#]*\d+\b/gi, '<process>'],
  [/(?:\/private)?\/(?:tmp|var\/folders|var\/tmp)\/[^\s:'")]+/g, '<temporary>'],
  [/\b1[5-9]\d{8}(?:\d{3})?(?:\.\d+)?\b/g, '<time>'],
  [/\b\d+\s?(?:s|m|h|d|w|hours?|days?|weeks?|months?) ago\b/g, '<time>'],
  [/(?:request|trace|correlation|span)[_-]?id["']?\s{0,2}[:=]\s{0,2}["']?[\w-]+/gi, '<id>'],
]
