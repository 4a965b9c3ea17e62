import { dirname } from 'node:path'

import type { z } from 'zod'

import type { ConfigProblem } from './config-error.ts'
import { formatPath } from './config-path.ts'
import { describeSchema, isSecretAt, shapeAt } from './describe-schema.ts'
import type { Shape } from './describe-schema.ts'
import { explainIssue, shownName } from './explain-issue.ts'
import type { Finding } from './finding.ts'
import { fullPath } from './full-path.ts'
import { locate } from './locate.ts'
import { parseLocatedYaml } from './located-yaml.ts'
import type { LocatedEntry, LocatedNode, LocatedYaml } from './located-yaml.ts'
import { mapLeaves } from './map-leaves.ts'
import { plainValue } from './plain-value.ts'
import { substituteEnvironment } from './substitute-environment.ts'
import type { Environment } from './substitute-environment.ts'

/** zod compiles a parser for each object it meets; a file is read once, for which that is dearer than plain steps. */
const once = { jitless: true }

export interface ParsedFile<Schema extends z.ZodType> {
  /** What the schema made of the file; absent when there are problems. */
  readonly value?: z.output<Schema>
  /** What stands in the file, variables put in; absent when it is not YAML. */
  readonly written?: unknown
  readonly shape: Shape
  readonly problems: readonly ConfigProblem[]
  /** Places a finding of a later check. */
  readonly toProblem: (finding: Finding) => ConfigProblem
  /** The file as it stands, with variables put in everywhere but in sections that are templates. */
  readonly root?: LocatedNode
  readonly position: LocatedYaml['position']
}

/** YAML (and so JSON) text → variables put in → typed by the schema, with every problem at its line and column. */
export function parseFile<Schema extends z.ZodType>({
  text,
  file,
  schema,
  env,
}: {
  readonly text: string
  /** For messages; relative paths in the file start from its folder. */
  readonly file: string
  readonly schema: Schema
  /** Where `${env.NAME}` is looked up; without it nothing is substituted. */
  readonly env?: Environment
}): ParsedFile<Schema> {
  const shape = describeSchema(schema)
  const yaml = parseLocatedYaml(text)
  const { root, findings } = substitute(yaml, { text, shape, env })
  const toProblem = placer({ file, yaml, root, shape })
  const { position } = yaml
  if (root === undefined && findings.length > 0)
    return { shape, problems: findings.map(toProblem), toProblem, position }

  const ready = root && withoutPending(root, shape)
  const written = withAbsoluteFiles(plainValue(ready, shape), { shape, folder: dirname(file), env: env ?? {} })
  const result = schema.safeParse(written, once)
  const issues = result.success ? [] : result.error.issues.flatMap((issue) => explainIssue(issue, { shape, root }))
  // That a value with an unset variable is too short as well, and what an unknown alias lacks, is no news.
  const news = issues.filter(({ path }) => !findings.some((finding) => isInvalidated(path, finding)))
  const problems = [...findings, ...news].map(toProblem)
  const value = problems.length === 0 ? result.data : undefined
  return { value, written, shape, problems, toProblem, root, position }
}

/** In a template a text with `${` in it has no type yet, and a key without a value takes back an inherited one. */
function withoutPending(node: LocatedNode, shape: Shape | undefined, isTemplate = false): LocatedNode {
  if (node.kind !== 'map') return node
  const entries = Array.from(node.entries).flatMap(([key, entry]): [string, LocatedEntry][] => {
    const below = shape && shapeAt(shape, [key])
    if (isTemplate && below !== undefined && isPending(entry.value)) return []
    return [[key, { ...entry, value: withoutPending(entry.value, below, isTemplate || below?.isTemplate === true) }]]
  })
  return { ...node, entries: new Map(entries) }
}

function isPending(node: LocatedNode): boolean {
  return (
    node.kind === 'scalar' && (node.value === null || (typeof node.value === 'string' && node.value.includes('${')))
  )
}

function isInvalidated(path: Finding['path'], { path: broken, code }: Finding): boolean {
  return code !== 'duplicate_key' && broken.length > 0 && broken.every((step, index) => step === path[index])
}

function substitute(
  yaml: LocatedYaml,
  { text, shape, env }: { readonly text: string; readonly shape: Shape; readonly env: Environment | undefined },
): { readonly root?: LocatedNode; readonly findings: readonly Finding[] } {
  if (yaml.root === undefined || env === undefined) return yaml
  const { root, findings } = substituteEnvironment(yaml.root, { text, shape, env })
  return { root, findings: [...yaml.findings, ...findings] }
}

/** Whoever opens a file need not know where its name was written, and a service starts in `/`. */
function withAbsoluteFiles(
  value: unknown,
  { shape, folder, env }: { readonly shape: Shape; readonly folder: string; readonly env: Environment },
): unknown {
  return mapLeaves(value, shape, (leaf, wanted) => {
    return typeof leaf === 'string' && leaf !== '' && isFile(leaf, wanted) ? fullPath(leaf, { folder, env }) : leaf
  })
}

/** Where a file is one of several things that may stand there, the words that mean something else are none. */
function isFile(text: string, wanted: Shape | undefined): boolean {
  if (wanted?.kind !== 'either') return wanted?.kind === 'file'
  const isWord = wanted.options.some((option) => option.kind === 'choice' && option.values.includes(text))
  return !isWord && wanted.options.some((option) => option.kind === 'file')
}

function placer({
  file,
  yaml,
  root,
  shape,
}: {
  readonly file: string
  readonly yaml: LocatedYaml
  readonly root: LocatedNode | undefined
  readonly shape: Shape
}): (finding: Finding) => ConfigProblem {
  return ({ path, at, offset, message, code }) => {
    const { node, keyOffset } = locate(root, path)
    const place = offset ?? (at === 'key' ? keyOffset : (node?.offset ?? keyOffset))
    return { file, ...yaml.position(place), path: formatPath(shownPath(path, shape)), message, code }
  }
}

/** What was meant as a value may have become a key. Names that the schema does not know are shown with care. */
function shownPath(path: readonly PropertyKey[], shape: Shape): readonly PropertyKey[] {
  return path.map((step, index) => {
    if (typeof step === 'number') return step
    const above = path.slice(0, index)
    const isKnown = shapeAt(shape, above)?.kind === 'record' && !isSecretAt(shape, path.slice(0, index + 1))
    return isKnown ? step : shownName(String(step))
  })
}
