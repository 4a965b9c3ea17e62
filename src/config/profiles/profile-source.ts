import type { Finding } from '../finding.ts'
import type { LocatedEntry, LocatedMap, LocatedNode, LocatedYaml } from '../located-yaml.ts'

/** A file with profiles, as it stands: macros and inheritance are worked out over all files together. */
export interface ProfileSource {
  readonly file: string
  /** Comes with llmr: to be extended; a profile of the user's own with the same name takes its place. */
  readonly isShipped: boolean
  readonly root: LocatedNode | undefined
  readonly position: LocatedYaml['position']
}

/** One profile where it is written. */
export interface ProfileDefinition {
  readonly name: string
  readonly source: ProfileSource
  readonly keyOffset: number
  /** Absent for a profile with nothing in it. */
  readonly body: LocatedMap | undefined
  /** Those of its file. */
  readonly macros: LocatedMap | undefined
}

/** What is wrong at one place of one of the files. */
export interface SourceFinding extends Finding {
  readonly file: string
  readonly offset: number
}

export interface Definitions {
  readonly own: ReadonlyMap<string, ProfileDefinition>
  readonly shipped: ReadonlyMap<string, ProfileDefinition>
  readonly findings: readonly SourceFinding[]
}

/** Every profile of every file by its name; a name that stands in two files of the user's is a finding. */
export function collectDefinitions(sources: readonly ProfileSource[]): Definitions {
  const own = new Map<string, ProfileDefinition>()
  const shipped = new Map<string, ProfileDefinition>()
  const findings: SourceFinding[] = []
  for (const definition of sources.flatMap(definitionsOf)) {
    const { name, source, keyOffset } = definition
    const known = source.isShipped ? shipped : own
    const earlier = known.get(name)
    if (earlier === undefined) {
      known.set(name, definition)
    } else {
      const { line } = earlier.source.position(earlier.keyOffset)
      const message = `this profile stands in ${earlier.source.file}:${line} too; keep one, or give one of them another name`
      findings.push({ file: source.file, offset: keyOffset, path: ['profiles', name], code: 'duplicate_key', message })
    }
  }
  return { own, shipped, findings }
}

function definitionsOf(source: ProfileSource): readonly ProfileDefinition[] {
  const root = source.root && withFile(source.root, source.file)
  const macros = mapAt(root, 'macros')
  return Array.from(mapAt(root, 'profiles')?.entries ?? [], ([name, { keyOffset, value }]) => {
    return { name, source, keyOffset, body: value.kind === 'map' ? value : undefined, macros }
  })
}

function withFile(node: LocatedNode, file: string): LocatedNode {
  switch (node.kind) {
    case 'scalar':
      return { ...node, file }
    case 'list':
      return { ...node, file, items: node.items.map((item) => withFile(item, file)) }
    case 'map': {
      const entries = Array.from(node.entries, ([key, entry]): [string, LocatedEntry] => {
        return [key, { ...entry, value: withFile(entry.value, file) }]
      })
      return { ...node, file, entries: new Map(entries) }
    }
  }
}

export function mapAt(node: LocatedNode | undefined, key: string): LocatedMap | undefined {
  const value = entryAt(node, key)?.value
  return value?.kind === 'map' ? value : undefined
}

export function entryAt(node: LocatedNode | undefined, key: string): LocatedEntry | undefined {
  return node?.kind === 'map' ? node.entries.get(key) : undefined
}
