import type { z } from 'zod'

import type { Shape } from './describe-schema.ts'
import { isSecretAt, shapeAt } from './describe-schema.ts'
import type { Finding } from './finding.ts'
import { locate } from './locate.ts'
import type { LocatedNode } from './located-yaml.ts'
import { nearestName } from '../core/nearest-name.ts'
import { formatPath } from './config-path.ts'

interface Context {
  readonly shape: Shape
  /** After substitution. */
  readonly root: LocatedNode | undefined
}

/** Turns what the schema complains of into words: what was expected, what came, what to do. Never shows a secret. */
export function explainIssue(issue: z.core.$ZodIssue, context: Context): readonly Finding[] {
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey([...issue.path, key], context))
  if (issue.code === 'invalid_key') return [invalidName(issue, context)]
  if (locate(context.root, issue.path).node === undefined) return [missingKey(issue.path, context)]
  return [wrongValue(issue, context)]
}

function unknownKey(path: readonly PropertyKey[], { shape, root }: Context): Finding {
  const name = shownName(String(path.at(-1)))
  const parent = shapeAt(shape, path.slice(0, -1))
  const siblings = parent?.kind === 'object' ? [...parent.keys.keys()] : []
  const near = nearestName(name, siblings)
  const elsewhere = near === undefined ? pathsOf(shape, name) : []
  const hint =
    near !== undefined
      ? `did you mean "${near}"?`
      : elsewhere.length > 0
        ? `did you mean ${elsewhere.map(placeOf).join(' or ')}?`
        : `expected one of ${siblings.join(', ')}`
  const offset = locate(root, path).keyOffset
  return { path, offset, code: 'unknown_key', message: `unknown key; ${hint}` }
}

function placeOf(path: readonly string[]): string {
  return path.length === 1 ? `${formatPath(path)} at the top of the file` : formatPath(path)
}

function invalidName(issue: z.core.$ZodIssueInvalidKey, { root }: Context): Finding {
  const offset = locate(root, issue.path).keyOffset
  return { path: issue.path, offset, code: 'wrong_value', message: issue.issues[0]?.message ?? issue.message }
}

function missingKey(path: readonly PropertyKey[], { shape }: Context): Finding {
  const description = shapeAt(shape, path)?.description
  const message = `missing key${description === undefined ? '' : `: ${description}`}`
  return { path, at: 'key', code: 'missing_key', message }
}

function wrongValue(issue: z.core.$ZodIssue, { shape, root }: Context): Finding {
  const { path } = issue
  const wanted = shapeAt(shape, path)
  const { node } = locate(root, path)
  const isSecret = isSecretAt(shape, path)
  const parts = [expectation(issue, wanted), node === undefined ? '' : got(node, { wanted, isSecret })]
  const message = parts.filter((part) => part !== '').join(', ')
  const code = issue.code === 'invalid_type' ? 'wrong_type' : 'wrong_value'
  return { path, code, message: `${message}${hint({ issue, wanted, node, isSecret })}` }
}

/** The schema's own sentence where it has one; the library's are about code, not about files. */
function expectation(issue: z.core.$ZodIssue, wanted: Shape | undefined): string {
  if (issue.message.startsWith('expected ')) return issue.message
  switch (issue.code) {
    case 'too_small':
      if (issue.origin === 'string')
        return issue.minimum === 1 ? 'expected a text' : `expected ${issue.minimum} or more characters`
      return issue.inclusive ? `expected ${issue.minimum} or more` : `expected more than ${issue.minimum}`
    case 'too_big':
      return issue.inclusive ? `expected ${issue.maximum} or less` : `expected less than ${issue.maximum}`
    case 'invalid_format':
      return formats[issue.format] ?? 'expected another form'
    default:
      return `expected ${wanted === undefined ? 'something else' : nameOf(wanted)}`
  }
}

const formats: Readonly<Record<string, string>> = {
  date: 'expected a date such as 2030-12-31',
  url: 'expected a URL such as https://example.com/keys',
}

function nameOf(wanted: Shape): string {
  switch (wanted.kind) {
    case 'object':
      return wanted.words === undefined ? mapping : `one of ${wanted.words.join(', ')} or ${mapping}`
    case 'record':
      return mapping
    case 'list':
      return 'a list such as [a, b]'
    case 'choice':
      return `one of ${wanted.values.join(', ')}`
    case 'either':
      return wanted.options.map(nameOf).join(' or ')
    case 'any':
      return 'a value'
    case 'number':
      return wanted.isInteger === true ? 'a whole number' : 'a number'
    case 'boolean':
      return 'true or false'
    case 'file':
      return 'the path of a file'
    case 'duration':
      return 'a duration'
    case 'size':
      return 'a size'
    case 'text':
      return 'a text'
  }
}

const mapping = 'a mapping (indented "key: value" lines)'

/** What came. A value is shown only where a single one was wanted: pasted in place of a section, it may be a secret. */
function got(node: LocatedNode, { wanted, isSecret }: { wanted: Shape | undefined; isSecret: boolean }): string {
  if (node.kind !== 'scalar') return node.kind === 'map' ? 'got a mapping' : 'got a list'
  if (node.value === null || node.value === '') return 'got nothing'
  const isCollection = wanted?.kind === 'object' || wanted?.kind === 'record' || wanted?.kind === 'list'
  if (isSecret || isCollection) return `got ${kindOf(node.value)}`
  if (node.template !== undefined) return `got the value of ${shown(node.template)}`
  return `got ${shown(node.value)}`
}

function kindOf(value: string | number | boolean): string {
  return typeof value === 'string' ? 'a text' : typeof value === 'number' ? 'a number' : String(value)
}

interface HintContext {
  readonly issue: z.core.$ZodIssue
  readonly wanted: Shape | undefined
  readonly node: LocatedNode | undefined
  readonly isSecret: boolean
}

function hint({ issue, wanted, node, isSecret }: HintContext): string {
  if (node?.kind !== 'scalar' || wanted === undefined) return ''
  if (wanted.kind === 'choice') {
    const near = nearestName(String(node.value), wanted.values)
    return near === undefined ? '' : `; did you mean "${near}"?`
  }
  if (wanted.kind === 'duration' && typeof node.value === 'number') return '; add the unit'
  if (wanted.kind === 'size' && typeof node.value === 'number') return '; add the unit'
  const isUnquoted = typeof node.value === 'number' || typeof node.value === 'boolean'
  const wantsText = issue.code === 'invalid_type' && (wanted.kind === 'text' || wanted.kind === 'file')
  if (isUnquoted && wantsText) return isSecret ? '; put it in quotes' : `; put it in quotes: "${node.value}"`
  return ''
}

const shownLengthMax = 60

function shown(value: string | number | boolean): string {
  if (typeof value !== 'string') return String(value)
  const withoutLogin = value.replace(/\/\/.*@/s, '//…@')
  const short = withoutLogin.length > shownLengthMax ? `${withoutLogin.slice(0, shownLengthMax)}…` : withoutLogin
  return JSON.stringify(short)
}

/**
 * The part of a key that can be a name. `api_key:sk-1` in braces, the space forgotten, is one long key, and what follows
 * the name must not be printed. No key of ours is half as long as what is shown at most.
 */
export function shownName(key: string): string {
  const name = /^[A-Za-z0-9_.-]{0,40}/.exec(key)?.[0] ?? ''
  return name === key ? key : `${name}…`
}

/** Every place of the schema where a key of this name belongs, below the sections that have fixed names. */
function pathsOf(shape: Shape, name: string, above: readonly string[] = []): readonly (readonly string[])[] {
  if (shape.kind !== 'object') return []
  return Array.from(shape.keys).flatMap(([key, value]) => {
    const path = [...above, key]
    return [...(key === name ? [path] : []), ...pathsOf(value, name, path)]
  })
}
