import { LineCounter, isAlias, isMap, isPair, isScalar, isSeq, parseDocument } from 'yaml'
import type { Pair, YAMLMap, YAMLSeq } from 'yaml'

import type { Finding } from './finding.ts'
import { explainYamlError } from './yaml-error.ts'

/** A YAML value that remembers where it stands in the text. Aliases and merge keys are resolved. */
export type LocatedNode = LocatedScalar | LocatedMap | LocatedList

export interface LocatedScalar extends Place {
  readonly kind: 'scalar'
  readonly value: string | number | boolean | null
  /** Set once variables have been put in: what stands in the file, which is safe to print. */
  readonly template?: string
}

export interface LocatedMap extends Place {
  readonly kind: 'map'
  readonly entries: ReadonlyMap<string, LocatedEntry>
}

export interface LocatedEntry {
  readonly keyOffset: number
  readonly value: LocatedNode
}

export interface LocatedList extends Place {
  readonly kind: 'list'
  readonly items: readonly LocatedNode[]
}

interface Place {
  /** UTF-16 units from the start of the text. */
  readonly offset: number
  readonly end: number
  /** Nodes it holds when every alias is written out, itself included. */
  readonly size: number
  /** Where it stands, once nodes of several files are put together. */
  readonly file?: string
}

export interface LocatedYaml {
  /** Absent for an empty text, and when the text is not YAML. */
  readonly root?: LocatedNode
  readonly findings: readonly Finding[]
  /** Line and column, from 1. */
  readonly position: (offset: number) => { readonly line: number; readonly column: number }
}

// Far above any real file, and low enough that a hostile one costs milliseconds.
const textLengthMax = 1024 ** 2
const sizeMax = 100_000
const depthMax = 64

/** Reads YAML 1.2 (core schema) with anchors, aliases and merge keys. Never throws; findings hold no text of the file. */
export function parseLocatedYaml(text: string): LocatedYaml {
  const lineCounter = new LineCounter()
  const position = (offset: number) => {
    const { line, col } = lineCounter.linePos(offset)
    return { line: Math.max(line, 1), column: Math.max(col, 1) }
  }
  if (text.length > textLengthMax) {
    return { position, findings: [syntax(0, [], 'expected at most 1 MiB of YAML; is this the right file?')] }
  }
  try {
    const document = parseDocument(text, {
      lineCounter,
      schema: 'core',
      resolveKnownTags: false,
      uniqueKeys: false, // checked below, where the first of the two can be named
      prettyErrors: false, // they quote the line, and with it perhaps a secret
    })
    const broken = [...document.errors, ...document.warnings]
    if (broken.length > 0) return { position, findings: broken.map(explainYamlError) }

    const reader: Reader = { position, anchors: new Map(), findings: [], expandedSize: 0 }
    const root = document.contents === null ? undefined : readNode(document.contents, reader, [])
    return { position, root, findings: reader.findings }
  } catch {
    // The parser is recursive; a file of nothing but brackets exhausts the stack.
    return { position, findings: [syntax(0, [], `expected YAML that is nested at most ${depthMax} deep`)] }
  }
}

type Path = readonly PropertyKey[]

interface Reader {
  readonly position: LocatedYaml['position']
  readonly anchors: Map<string, LocatedNode>
  readonly findings: Finding[]
  expandedSize: number
}

function readNode(node: unknown, reader: Reader, path: Path): LocatedNode {
  if (isAlias(node)) return readAlias(node.source, { offset: node.range?.[0] ?? 0, path }, reader)
  const located = readContent(node, reader, path)
  if ((isScalar(node) || isMap(node) || isSeq(node)) && node.anchor !== undefined) {
    reader.anchors.set(node.anchor, located)
  }
  return located
}

function readContent(node: unknown, reader: Reader, path: Path): LocatedNode {
  if (isScalar(node)) return scalar(node.value, node.range)
  if (!isMap(node) && !isSeq(node)) return scalar(null)
  if (path.length >= depthMax) {
    reader.findings.push(syntax(node.range?.[0] ?? 0, [], `expected YAML that is nested at most ${depthMax} deep`))
    return scalar(null, node.range)
  }
  return isMap(node) ? readMap(node, reader, path) : readList(node, reader, path)
}

/** An alias shares the node of its anchor. The written-out size is bounded, as eight lines can stand for a billion. */
function readAlias(name: string, { offset, path }: { offset: number; path: Path }, reader: Reader): LocatedNode {
  const target = reader.anchors.get(name)
  if (target === undefined) {
    reader.findings.push(syntax(offset, path, 'no anchor (&) of this name stands before this alias (*)'))
    return scalar(null, [offset, offset, offset])
  }
  reader.expandedSize += target.size
  if (reader.expandedSize > sizeMax) {
    reader.findings.push(syntax(offset, path, `expected aliases that stand for at most ${sizeMax} values in all`))
    return scalar(null, [offset, offset, offset])
  }
  return target
}

function readList(list: YAMLSeq, reader: Reader, path: Path): LocatedList {
  const items = list.items.map((item, index) => {
    // `[a: 1]` is a list with a map of one pair.
    const itemPath = [...path, index]
    return isPair(item) ? readPairs([item], list.range, reader, itemPath) : readNode(item, reader, itemPath)
  })
  return { kind: 'list', items, ...place(list.range, items) }
}

function readMap(map: YAMLMap, reader: Reader, path: Path): LocatedMap {
  return readPairs(map.items, map.range, reader, path)
}

function readPairs(pairs: readonly Pair[], range: Range, reader: Reader, path: Path): LocatedMap {
  const own = new Map<string, LocatedEntry>()
  const merged = new Map<string, LocatedEntry>()
  for (const pair of pairs) {
    const keyOffset = offsetOf(pair.key)
    const isMerge = isMergeKey(pair.key)
    const key = isMerge ? '<<' : keyText(pair.key, path, reader)
    if (key === undefined) continue
    const value = pair.value === null ? emptyAfter(pair.key) : readNode(pair.value, reader, [...path, key])
    if (isMerge) {
      for (const [name, entry] of mergeEntries(value, { offset: keyOffset, path }, reader))
        if (!merged.has(name)) merged.set(name, entry)
      continue
    }
    const earlier = own.get(key)
    if (earlier !== undefined) {
      const { line } = reader.position(earlier.keyOffset)
      const message = `this key stands twice, first on line ${line}; keep one`
      reader.findings.push({ path: [...path, key], offset: keyOffset, code: 'duplicate_key', message })
    } else {
      own.set(key, { keyOffset, value })
    }
  }
  const entries = new Map([...own, ...[...merged].filter(([key]) => !own.has(key))])
  return {
    kind: 'map',
    entries,
    ...place(
      range,
      Array.from(entries.values(), (entry) => entry.value),
    ),
  }
}

function isMergeKey(key: unknown): boolean {
  return isScalar(key) && key.value === '<<' && (key.type === 'PLAIN' || key.type === undefined)
}

function mergeEntries(
  value: LocatedNode,
  { offset, path }: { offset: number; path: Path },
  reader: Reader,
): readonly [string, LocatedEntry][] {
  const sources = value.kind === 'list' ? value.items : [value]
  return sources.flatMap((source) => {
    if (source.kind === 'map') return [...source.entries]
    reader.findings.push(syntax(offset, path, 'expected an alias (*) of a mapping, or a list of them, after <<'))
    return []
  })
}

/** Keys are names: `4:` is the key "4". */
function keyText(key: unknown, path: Path, reader: Reader): string | undefined {
  if (isScalar(key)) {
    if (key.anchor !== undefined) reader.anchors.set(key.anchor, scalar(key.value, key.range))
    const text = key.source ?? String(key.value)
    if (text !== '' && text !== '__proto__') return text
  }
  const target = isAlias(key) ? reader.anchors.get(key.source) : undefined
  if (target?.kind === 'scalar') return String(target.value)
  reader.findings.push(syntax(offsetOf(key), path, 'expected a name before ":"'))
  return undefined
}

type Range = readonly [number, number, number] | null | undefined

function scalar(value: unknown, range?: Range): LocatedScalar {
  const isKnown = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
  return { kind: 'scalar', value: isKnown ? value : null, ...place(range, []) }
}

/** `key:` with nothing after it. */
function emptyAfter(key: unknown): LocatedScalar {
  const offset = offsetOf(key)
  return scalar(null, [offset, offset, offset])
}

function place(range: Range, children: readonly LocatedNode[]): Place {
  return {
    offset: range?.[0] ?? 0,
    end: range?.[1] ?? 0,
    size: children.reduce((sum, child) => sum + child.size, 1),
  }
}

function offsetOf(node: unknown): number {
  if (isScalar(node) || isMap(node) || isSeq(node) || isAlias(node)) return node.range?.[0] ?? 0
  return 0
}

function syntax(offset: number, path: Path, message: string): Finding {
  return { path, offset, code: 'syntax', message }
}
