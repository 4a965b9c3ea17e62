export interface MarkerHit {
  readonly index: number
  readonly marker: string
  /** True: more text could make it a longer marker. */
  readonly isOpen: boolean
}

/** Strings to look for in a text that is still growing. */
export interface MarkerSet {
  /** The first marker at or after `from`, the longest of those that start there. */
  find(text: string, from: number): MarkerHit | undefined
  /** Where the longest suffix of `text` begins that may yet become a marker; `text.length` when none may. */
  heldFrom(text: string, from: number): number
}

export function createMarkerSet(markers: readonly string[]): MarkerSet {
  const known = [...new Set(markers)].sort((left, right) => right.length - left.length)
  const longest = known[0]?.length ?? 0
  const pattern = known.length === 0 ? undefined : new RegExp(known.map(escaped).join('|'), 'g')
  const firstCodes = new Set(known.map((marker) => marker.charCodeAt(0)))
  return {
    find(text, from) {
      if (pattern === undefined) return undefined
      pattern.lastIndex = from
      const match = pattern.exec(text)
      if (match === null) return undefined
      const [marker] = match
      const rest = text.slice(match.index, match.index + longest)
      const isOpen = known.some((other) => other.length > rest.length && other.startsWith(rest))
      return { index: match.index, marker, isOpen: isOpen && rest.length >= marker.length }
    },
    heldFrom(text, from) {
      for (let at = Math.max(from, text.length - longest + 1); at < text.length; at++) {
        if (!firstCodes.has(text.charCodeAt(at))) continue
        const suffix = text.slice(at)
        if (known.some((marker) => marker.length > suffix.length && marker.startsWith(suffix))) return at
      }
      return text.length
    },
  }
}

/** Memoised by the array: a format's rows are constants, and a pattern is worth keeping. */
export function markersOf(markers: readonly string[]): MarkerSet {
  const known = sets.get(markers)
  if (known !== undefined) return known
  const made = createMarkerSet(markers)
  sets.set(markers, made)
  return made
}

const sets = new WeakMap<readonly string[], MarkerSet>()

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
}
