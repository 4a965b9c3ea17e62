import { nearestName } from '../../core/nearest-name.ts'
import type { LocatedEntry, LocatedMap, LocatedNode } from '../located-yaml.ts'
import { entryAt, mapAt } from './profile-source.ts'
import type { Definitions, ProfileDefinition, SourceFinding } from './profile-source.ts'

/** Longer than anybody would read through. */
const generationsMax = 16

/** They say what one profile is, and would say something false of another. */
const notInherited: ReadonlySet<string> = new Set(['template', 'extends', 'description', 'aliases', 'port'])

export interface Inherited {
  readonly body: LocatedMap
  readonly findings: readonly SourceFinding[]
}

/**
 * A profile with everything it inherits, still as it is written, macros and all.
 *
 * Mappings are merged key by key; a list or a single value takes the place of the inherited one; a key with nothing
 * after it takes the inherited one away. Of two profiles that are extended, the later counts. Macros of a file stand
 * below those of its profiles and above those that are inherited from another file.
 */
export function inheritProfile(definition: ProfileDefinition, definitions: Definitions): Inherited {
  const findings: SourceFinding[] = []
  // What several extend is worked out once: sixteen generations of eight would not end.
  const done = new Map<ProfileDefinition, LocatedMap>()

  const inherit = (current: ProfileDefinition, trail: readonly ProfileDefinition[]): LocatedMap => {
    const known = done.get(current)
    if (known !== undefined) return known
    const line = [...trail, current]
    const bases = basesOf(current).flatMap(({ name, offset, path }) => {
      const finding = (code: SourceFinding['code'], message: string): readonly [] => {
        findings.push({ file: current.source.file, offset, path: ['profiles', current.name, ...path], code, message })
        return []
      }
      const base = findBase(name, current, definitions)
      if (base === undefined) return finding('unknown_name', unknownBase(name, definitions))
      if (line.includes(base)) {
        const circle = [...line.slice(line.indexOf(base)), base].map((one) => one.name).join(' → ')
        return finding('conflict', `this goes round in a circle: ${circle}; take one of them out`)
      }
      if (line.length >= generationsMax) {
        return finding('conflict', `expected at most ${generationsMax} profiles that extend one another`)
      }
      return [without(inherit(base, line), notInherited)]
    })
    const merged = mergeAll([...bases, ownBody(current)])
    done.set(current, merged)
    return merged
  }
  return { body: inherit(definition, []), findings }
}

interface BaseName {
  readonly name: string
  readonly offset: number
  readonly path: readonly PropertyKey[]
}

function basesOf({ body }: ProfileDefinition): readonly BaseName[] {
  const node = entryAt(body, 'extends')?.value
  const items = node === undefined ? [] : node.kind === 'list' ? node.items : [node]
  return items.flatMap((item, index): BaseName[] => {
    if (item.kind !== 'scalar' || typeof item.value !== 'string') return [] // the schema has complained
    const path = node?.kind === 'list' ? ['extends', index] : ['extends']
    return [{ name: item.value, offset: item.offset, path }]
  })
}

/** A profile that extends its own name starts from the shipped one, which it replaces. */
function findBase(name: string, by: ProfileDefinition, { own, shipped }: Definitions): ProfileDefinition | undefined {
  const isOwnName = name === by.name && !by.source.isShipped && shipped.has(name)
  const isAmongShipped = isOwnName || by.source.isShipped
  return (isAmongShipped ? undefined : own.get(name)) ?? shipped.get(name)
}

function unknownBase(name: string, { own, shipped }: Definitions): string {
  const known = [...own.keys(), ...shipped.keys()]
  const near = nearestName(name, known)
  const hint = near === undefined ? '`llmr profiles list --all` shows those there are' : `did you mean "${near}"?`
  return `no profile is named ${JSON.stringify(name)}; ${hint}`
}

/** What the profile says itself, with the macros of its file below its own. */
function ownBody({ body, macros, keyOffset, source }: ProfileDefinition): LocatedMap {
  const empty = {
    kind: 'map',
    entries: new Map(),
    offset: keyOffset,
    end: keyOffset,
    size: 1,
    file: source.file,
  } as const
  const own: LocatedMap = body ?? empty
  if (macros === undefined) return own
  const merged = mergeAll([macros, mapAt(own, 'macros')].filter((one) => one !== undefined))
  const entry: LocatedEntry = { keyOffset: entryAt(own, 'macros')?.keyOffset ?? keyOffset, value: merged }
  return { ...own, entries: new Map([...own.entries, ['macros', entry]]) }
}

function mergeAll(maps: readonly LocatedMap[]): LocatedMap {
  return withoutNothing(maps.reduce((below, above) => mergeMaps(below, above)))
}

function mergeMaps(below: LocatedMap, above: LocatedMap): LocatedMap {
  const entries = new Map(below.entries)
  for (const [key, entry] of above.entries) {
    const inherited = entries.get(key)
    const isMerged = inherited?.value.kind === 'map' && entry.value.kind === 'map'
    if (isMerged) entries.set(key, { ...entry, value: mergeMaps(inherited.value, entry.value) })
    else if (isNothing(entry.value)) entries.delete(key)
    else entries.set(key, entry)
  }
  return { ...above, entries }
}

function withoutNothing(map: LocatedMap): LocatedMap {
  const entries = Array.from(map.entries).flatMap(([key, entry]): [string, LocatedEntry][] => {
    if (isNothing(entry.value)) return []
    return [[key, entry.value.kind === 'map' ? { ...entry, value: withoutNothing(entry.value) } : entry]]
  })
  return { ...map, entries: new Map(entries) }
}

function isNothing(node: LocatedNode): boolean {
  return node.kind === 'scalar' && node.value === null
}

function without(map: LocatedMap, keys: ReadonlySet<string>): LocatedMap {
  return { ...map, entries: new Map(Array.from(map.entries).filter(([key]) => !keys.has(key))) }
}
