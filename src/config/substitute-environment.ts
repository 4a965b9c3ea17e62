import type { Shape } from './describe-schema.ts'
import { shapeAt } from './describe-schema.ts'
import type { Finding } from './finding.ts'
import type { LocatedEntry, LocatedNode, LocatedScalar } from './located-yaml.ts'

export type Environment = Readonly<Record<string, string | undefined>>

export interface Substituted {
  readonly root: LocatedNode
  readonly findings: readonly Finding[]
}

/**
 * Puts variables into texts: `${env.NAME}`, or `${env.NAME:-default}` for one that is unset or empty; `$${` is a literal
 * `${`. A text that is nothing but one variable becomes a number or a boolean where the schema wants one.
 */
export function substituteEnvironment(
  root: LocatedNode,
  { text, shape, env }: { readonly text: string; readonly shape: Shape; readonly env: Environment },
): Substituted {
  const findings: Finding[] = []
  const visit = (node: LocatedNode, path: readonly PropertyKey[]): LocatedNode => {
    if (shapeAt(shape, path)?.isTemplate === true) return node
    switch (node.kind) {
      case 'map': {
        const entries = Array.from(node.entries, ([key, entry]): [string, LocatedEntry] => {
          return [key, { ...entry, value: visit(entry.value, [...path, key]) }]
        })
        return { ...node, entries: new Map(entries) }
      }
      case 'list':
        return { ...node, items: node.items.map((item, index) => visit(item, [...path, index])) }
      case 'scalar':
        return substituteScalar(node, { text, wanted: shapeAt(shape, path), env, path, findings })
    }
  }
  return { root: visit(root, []), findings }
}

interface ScalarContext {
  readonly text: string
  readonly wanted: Shape | undefined
  readonly env: Environment
  readonly path: readonly PropertyKey[]
  readonly findings: Finding[]
}

function substituteScalar(node: LocatedScalar, context: ScalarContext): LocatedScalar {
  if (typeof node.value !== 'string' || !node.value.includes('${')) return node
  const template = node.value
  // What stands in the file may differ from the text by quotes and escapes, but its tokens come in the same order.
  const places = Array.from(context.text.slice(node.offset, node.end).matchAll(tokenPattern), ({ index }) => index)
  let tokens = 0
  const report = (code: Finding['code'], message: string): string => {
    const offset = node.offset + (places[tokens - 1] ?? 0)
    context.findings.push({ path: context.path, offset, code, message })
    return ''
  }
  const value = template.replaceAll(tokenPattern, (token, name?: string, fallback?: string) => {
    tokens++
    if (token === '$${') return '${'
    if (name === undefined) {
      return report('bad_substitution', 'expected ${env.NAME} or ${env.NAME:-default}; write $${ for a plain ${')
    }
    const given = context.env[name]
    if (fallback !== undefined) return given === undefined || given === '' ? fallback : given
    const message = `the environment variable ${name} is not set; set it, or write \${env.${name}:-default}`
    return given ?? report('unset_variable', message)
  })
  const isWhole = wholePattern.test(template)
  return { ...node, template, value: isWhole ? asWanted(value, context.wanted) : value }
}

const token = String.raw`\$\{env\.([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}`
const tokenPattern = new RegExp(String.raw`\$\$\{|${token}|\$\{`, 'g')
const wholePattern = new RegExp(`^${token}$`)

/** A variable is text. It is read as YAML would read it only where a text cannot be meant. */
export function asWanted(value: string, wanted: Shape | undefined): string | number | boolean {
  if (wanted?.kind === 'either') {
    const isText = wanted.options.some(({ kind }) => kind === 'text')
    return isText
      ? value
      : (wanted.options.map((option) => asWanted(value, option)).find((one) => one !== value) ?? value)
  }
  if (wanted?.kind === 'number' && /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(value)) return Number(value)
  if (wanted?.kind === 'boolean' && /^(true|false)$/i.test(value)) return value.toLowerCase() === 'true'
  return value
}
