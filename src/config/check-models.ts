import { globMatcher, isGlob } from '../core/glob.ts'
import type { CheckInput, Checked } from './checked.ts'
import type { Finding } from './finding.ts'
import { nearestName } from '../core/nearest-name.ts'
import type { Config, ModelConfig } from './schema.ts'

/** Longer than anybody would wait through. */
const chainLengthMax = 32

/** Whether the names in the catalogue lead somewhere, and to one place. */
export function checkModels(input: CheckInput): Checked {
  const { config } = input
  const unmatched = unmatchedBackends(input)
  // Backends that are found on this machine get their names later.
  const isDiscovered = input.backendNames.length === 0
  return {
    errors: [...(isDiscovered ? [] : unmatched), ...aliasClashes(input), ...cycles(config)],
    warnings: [...(isDiscovered ? unmatched : []), ...unusedBackends(config), ...unknownNames(input)],
  }
}

function unmatchedBackends({ config, backendNames }: CheckInput): readonly Finding[] {
  return Object.entries(config.models).flatMap(([name, { backends = [] }]) =>
    backends.flatMap((pattern, index): Finding[] => {
      if (backendNames.some(globMatcher([pattern]))) return []
      const near = nearestName(pattern, backendNames)
      const known = backendNames.length === 0 ? 'none is configured' : `there are ${backendNames.join(', ')}`
      const hint = near === undefined ? known : `did you mean "${near}"?`
      const message = `no backend is named ${JSON.stringify(pattern)}; ${hint}`
      return [{ path: ['models', name, 'backends', index], code: 'unknown_name', message }]
    }),
  )
}

/** A name that leads to two models leads to neither. */
function aliasClashes({ config, modelNames }: CheckInput): readonly Finding[] {
  const owners = new Map<string, string>()
  return Object.entries(config.models).flatMap(([name, { aliases }]) =>
    aliases.flatMap((alias, index): Finding[] => {
      const owner = owners.get(alias)
      owners.set(alias, owner ?? name)
      const clash =
        alias === name
          ? 'is its own name'
          : modelNames.includes(alias)
            ? 'is a model of its own'
            : owner !== undefined
              ? `is an alias of "${owner}" already`
              : undefined
      if (clash === undefined) return []
      const message = `the alias "${alias}" ${clash}; take it away`
      return [{ path: ['models', name, 'aliases', index], code: 'conflict', message }]
    }),
  )
}

/**
 * Fallbacks and picks that come back to where they began. A pattern is not followed: `qwen3-*` may well fall back to
 * `qwen3-8b`, which it matches.
 */
function cycles({ models }: Config): readonly Finding[] {
  const owners = new Map(Object.entries(models).flatMap(([name, { aliases }]) => aliases.map((alias) => [alias, name])))
  const entryOf = (name: string) => (Object.hasOwn(models, name) ? name : owners.get(name))
  const finished = new Set<string>()

  const visit = (name: string, above: readonly string[]): readonly Finding[] => {
    if (finished.has(name)) return []
    finished.add(name)
    const trail = [...above, name]
    if (trail.length > chainLengthMax) {
      const message = `expected at most ${chainLengthMax} models that lead from one to the next`
      return [{ path: ['models', name], at: 'key', code: 'conflict', message }]
    }
    return edgesOf(models[name]).flatMap(({ target, path }): readonly Finding[] => {
      const next = entryOf(target)
      if (next === undefined) return []
      const start = trail.indexOf(next)
      if (start === -1) return visit(next, trail)
      const message = `this goes round in a circle: ${[...trail.slice(start), next].join(' → ')}; take one of them out`
      return [{ path: ['models', name, ...path], code: 'conflict', message }]
    })
  }
  return Object.keys(models).flatMap((name) => visit(name, []))
}

interface Edge {
  readonly target: string
  readonly path: readonly PropertyKey[]
}

function edgesOf(model: ModelConfig | undefined): readonly Edge[] {
  const fallbacks = model?.fallbacks ?? []
  return [
    ...fallbacks.map((target, index): Edge => ({ target, path: ['fallbacks', index] })),
    ...Object.entries(model?.pick ?? {}).map(([topic, target]): Edge => ({ target, path: ['pick', topic] })),
  ]
}

function unusedBackends({ models }: Config): readonly Finding[] {
  return Object.entries(models).flatMap(([name, { pick, backends, upstream }]): Finding[] => {
    if (pick === undefined) return []
    const unused = backends !== undefined ? 'backends' : upstream !== undefined ? 'upstream' : undefined
    if (unused === undefined) return []
    const message = 'has no effect beside pick, which chooses another model'
    return [{ path: ['models', name, unused], at: 'key', code: 'conflict', message }]
  })
}

/**
 * Names of models that nothing explains. A backend without a `models` list may report any, so then only a name that
 * looks like a slip of a known one is worth a word.
 */
function unknownNames({ config, modelNames }: CheckInput): readonly Finding[] {
  const aliases = Object.values(config.models).flatMap((model) => model.aliases)
  const lists = Object.values(config.backends).map((backend) => backend.models)
  const known = [...modelNames, ...aliases, ...lists.flatMap((list) => list ?? [])]
  const plainNames = new Set(known.filter((name) => !isGlob(name)))
  const matchesPattern = globMatcher(known.filter(isGlob))
  const isOpen = lists.length === 0 || lists.includes(undefined)

  return namesOf(config).flatMap(({ target, path }): Finding[] => {
    if (plainNames.has(target) || matchesPattern(target)) return []
    // `qwen3-4b` is not a slip of `qwen3-8b`.
    const alike = Array.from(plainNames).filter((name) => digitsOf(name) === digitsOf(target))
    const near = nearestName(target, alike)
    if (near === undefined && isOpen) return []
    const hint = near === undefined ? 'no backend has it in its models list' : `did you mean "${near}"?`
    return [{ path, code: 'unknown_name', message: `no model here is named "${target}"; ${hint}` }]
  })
}

function digitsOf(name: string): string {
  return name.replaceAll(/\D/g, '')
}

function namesOf({ models, routing }: Config): readonly Edge[] {
  return [
    ...Object.entries(models).flatMap(([name, model]) =>
      edgesOf(model).map(({ target, path }): Edge => ({ target, path: ['models', name, ...path] })),
    ),
    ...(routing.default_model === undefined
      ? []
      : [{ target: routing.default_model, path: ['routing', 'default_model'] }]),
    ...(routing.intent === undefined ? [] : [{ target: routing.intent.model, path: ['routing', 'intent', 'model'] }]),
  ]
}
