import { nearestName } from '../../core/nearest-name.ts'
import { shapeAt } from '../describe-schema.ts'
import type { Shape } from '../describe-schema.ts'
import type { Finding } from '../finding.ts'
import type { LocatedEntry, LocatedMap, LocatedNode } from '../located-yaml.ts'
import { asWanted } from '../substitute-environment.ts'
import type { Environment } from '../substitute-environment.ts'
import { mapAt } from './profile-source.ts'

/** Known only when the engine is started or stopped, so they stay in the texts until then. */
const runtimeMacros = ['PORT', 'PID']

/** Nothing that is launched is longer than this. */
const textLengthMax = 64 * 1024
const depthMax = 16

export interface MacroContext {
  readonly profileName: string
  readonly env: Environment
  /** Of one profile. */
  readonly shape: Shape
}

export interface MacroSubstitution {
  readonly body: LocatedMap
  /** Paths start at the profile. */
  readonly findings: readonly MacroFinding[]
}

interface MacroFinding extends Finding {
  readonly offset: number
  /** Where the text with the macro stands, which may be inherited. */
  readonly file: string | undefined
}

/**
 * Puts `${name}` (macros, which may hold macros), `${MODEL_ID}` and `${env.NAME}` into the texts of one profile. A value
 * that is nothing but one macro takes the macro's type. `${PORT}` and `${PID}` stay; `$${` is a literal `${`.
 */
export function substituteMacros(body: LocatedMap, { profileName, env, shape }: MacroContext): MacroSubstitution {
  const findings: MacroFinding[] = []
  const macros = macroValues(body, profileName)

  const visit = (node: LocatedNode, path: readonly PropertyKey[]): LocatedNode => {
    switch (node.kind) {
      case 'map': {
        const entries = Array.from(node.entries, ([key, entry]): [string, LocatedEntry] => {
          return [
            key,
            path.length === 0 && key === 'macros' ? entry : { ...entry, value: visit(entry.value, [...path, key]) },
          ]
        })
        return { ...node, entries: new Map(entries) }
      }
      case 'list':
        return { ...node, items: node.items.map((item, index) => visit(item, [...path, index])) }
      case 'scalar': {
        if (typeof node.value !== 'string' || !node.value.includes('${')) return node
        const report = (code: Finding['code'], message: string): void => {
          findings.push({ path, code, message, offset: node.offset, file: node.file })
        }
        const value = expand(node.value, { macros, env, report, trail: [], done: new Map() })
        const isEnvironment = typeof value === 'string' && wholeVariable.test(node.value)
        return { ...node, template: node.value, value: isEnvironment ? asWanted(value, shapeAt(shape, path)) : value }
      }
    }
  }
  const visited = visit(body, [])
  return { body: visited.kind === 'map' ? visited : body, findings }
}

type MacroValue = string | number | boolean

function macroValues(body: LocatedMap, profileName: string): ReadonlyMap<string, MacroValue> {
  const written = Array.from(mapAt(body, 'macros')?.entries ?? []).flatMap(
    ([name, { value }]): [string, MacroValue][] => {
      return value.kind === 'scalar' && value.value !== null ? [[name, value.value]] : []
    },
  )
  return new Map([...written, ['MODEL_ID', profileName]])
}

interface Expansion {
  readonly macros: ReadonlyMap<string, MacroValue>
  readonly env: Environment
  readonly report: (code: Finding['code'], message: string) => void
  /** Macros that are being put in, to see a circle. */
  readonly trail: readonly string[]
  /** Macros that were put in already: eight that hold eight each would be worked out a billion times. */
  readonly done: Map<string, MacroValue>
}

const wholeMacro = /^\$\{([A-Za-z_][A-Za-z0-9_-]*)\}$/
const wholeVariable = /^\$\{env\.[A-Za-z_][A-Za-z0-9_]*(?::-[^}]*)?\}$/
const tokens = /\$\$\{|\$\{env\.([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}|\$\{([A-Za-z_][A-Za-z0-9_-]*)\}|\$\{/g

function expand(template: string, expansion: Expansion): MacroValue {
  const [, whole] = wholeMacro.exec(template) ?? []
  if (whole !== undefined && !runtimeMacros.includes(whole)) return macroValue(whole, expansion)
  let length = template.length
  // `$${PORT}` keeps its second dollar until the launch, which could not tell it from the macro otherwise.
  const text = template.replaceAll(
    tokens,
    (token, variable?: string, fallback?: string, name?: string, at?: number) => {
      if (token === '$${') return isRuntimeMacro(template.slice((at ?? 0) + 1)) ? token : '${'
      if (variable !== undefined) return environmentValue(variable, fallback, expansion)
      if (name === undefined) {
        expansion.report('bad_substitution', 'expected ${NAME} of a macro or ${env.NAME}; write $${ for a plain ${')
        return ''
      }
      const value = runtimeMacros.includes(name) ? token : String(macroValue(name, expansion))
      length += value.length
      return length > textLengthMax ? '' : value // reported below, once
    },
  )
  if (length <= textLengthMax) return text
  expansion.report('bad_substitution', `expected macros that come to at most ${textLengthMax} characters`)
  return ''
}

function isRuntimeMacro(text: string): boolean {
  return runtimeMacros.some((name) => text.startsWith(`\${${name}}`))
}

function macroValue(name: string, expansion: Expansion): MacroValue {
  const known = expansion.done.get(name)
  if (known !== undefined) return known
  const value = expandMacro(name, expansion)
  expansion.done.set(name, value)
  return value
}

function expandMacro(name: string, expansion: Expansion): MacroValue {
  const { macros, trail, report } = expansion
  const value = macros.get(name)
  if (value === undefined) {
    const near = nearestName(name, [...macros.keys(), ...runtimeMacros])
    const hint = near === undefined ? 'add it to macros, or write $${ for a plain ${' : `did you mean \${${near}}?`
    report('unknown_name', `no macro is named "${name}"; ${hint}`)
    return ''
  }
  if (typeof value !== 'string' || !value.includes('${')) return value
  if (trail.includes(name) || trail.length >= depthMax) {
    report('bad_substitution', `the macro goes round in a circle: ${[...trail, name].join(' → ')}`)
    return ''
  }
  return expand(value, { ...expansion, trail: [...trail, name] })
}

function environmentValue(name: string, fallback: string | undefined, { env, report }: Expansion): string {
  const given = env[name]
  if (fallback !== undefined) return given === undefined || given === '' ? fallback : given
  if (given !== undefined) return given
  report('unset_variable', `the environment variable ${name} is not set; set it, or write \${env.${name}:-default}`)
  return ''
}
