import { parseMatrixExpression } from './matrix-expression.ts'
import type { MatrixExpression } from './matrix-expression.ts'
import type { ResidencyConstraint } from './residency-constraint.ts'

export interface MatrixSettings {
  /** Sets of models that may be resident together, by name. */
  readonly sets: Readonly<Record<string, string>>
  /** Short names for models. One that is also a model's name stands for what it says here. */
  readonly variables: Readonly<Record<string, string>>
  /** How much an eviction costs beside the others, by model or variable; 1 where absent. */
  readonly evictCosts: Readonly<Record<string, number>>
}

export type CompiledMatrix = { readonly constraint: ResidencyConstraint } | { readonly problems: readonly string[] }

/**
 * A swap matrix: any part of an allowed set is allowed too, and a model in no set may only run alone. Every problem is
 * told at once.
 *
 * @param modelNames every model there is; a name that is neither one of them nor a variable is a problem.
 */
export function compileMatrix(settings: MatrixSettings, modelNames: readonly string[]): CompiledMatrix {
  const parsed = Object.entries(settings.sets).map(([name, text]) => ({ name, ...parseMatrixExpression(text) }))
  const sets = new Map(
    parsed.flatMap((set) => ('expression' in set ? [[set.name, resolve(set.expression, settings)] as const] : [])),
  )
  const problems = [
    ...parsed.flatMap((set) => ('problem' in set ? [`set ${set.name}: ${set.problem}`] : [])),
    ...unknownNames(sets, settings, modelNames),
    ...[...sets.keys()].filter((name) => isCircular(name, sets)).map((name) => `set ${name} refers to itself`),
  ]
  if (problems.length > 0) return { problems: [...new Set(problems)] }
  const costs = new Map(Object.entries(settings.evictCosts).map(([name, cost]) => [modelOf(name, settings), cost]))
  return {
    constraint: {
      admits: ({ target, beside }) =>
        beside.length === 0 ||
        isAllowed(
          sets,
          [target, ...beside].map(({ name }) => name),
        ),
      evictCost: ({ name }) => costs.get(name) ?? 1,
    },
  }
}

type Sets = ReadonlyMap<string, MatrixExpression>

function modelOf(name: string, { variables }: MatrixSettings): string {
  return Object.hasOwn(variables, name) ? (variables[name] ?? name) : name
}

/** Variables replaced by the models they stand for. */
function resolve(expression: MatrixExpression, settings: MatrixSettings): MatrixExpression {
  switch (expression.kind) {
    case 'model':
      return { kind: 'model', name: modelOf(expression.name, settings) }
    case 'set':
      return expression
    case 'all':
    case 'any':
      return { kind: expression.kind, parts: expression.parts.map((part) => resolve(part, settings)) }
  }
}

function unknownNames(sets: Sets, settings: MatrixSettings, modelNames: readonly string[]): readonly string[] {
  const known = new Set(modelNames)
  const inSets = [...sets].flatMap(([set, expression]) =>
    leaves(expression).flatMap(({ kind, name }) => {
      if (kind === 'model') return known.has(name) ? [] : [`set ${set}: there is no model or variable named ${name}`]
      return Object.hasOwn(settings.sets, name) ? [] : [`set ${set}: there is no set named ${name}`]
    }),
  )
  const inCosts = Object.entries(settings.evictCosts).flatMap(([name, cost]) => [
    ...(known.has(modelOf(name, settings)) ? [] : [`evict cost: there is no model or variable named ${name}`]),
    ...(Number.isFinite(cost) && cost > 0 ? [] : [`evict cost of ${name}: expected a number above 0, found ${cost}`]),
  ])
  return [...inSets, ...inCosts]
}

/** A set that comes up again on the way from itself can never be worked out. */
function isCircular(start: string, sets: Sets): boolean {
  const seen = new Set<string>()
  const open = referencesOf(start, sets)
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (name === start) return true
    if (seen.has(name)) continue
    seen.add(name)
    open.push(...referencesOf(name, sets))
  }
  return false
}

function referencesOf(set: string, sets: Sets): string[] {
  const expression = sets.get(set)
  return expression ? leaves(expression).flatMap(({ kind, name }) => (kind === 'set' ? [name] : [])) : []
}

type Leaf = Extract<MatrixExpression, { readonly name: string }>

function leaves(expression: MatrixExpression): readonly Leaf[] {
  return 'parts' in expression ? expression.parts.flatMap(leaves) : [expression]
}

/** Whether one allowed set holds all these names. */
function isAllowed(sets: Sets, names: readonly string[]): boolean {
  const bits = new Map(names.map((name, index) => [name, 1n << BigInt(index)]))
  const everyone = (1n << BigInt(bits.size)) - 1n
  const known = new Map<string, readonly bigint[]>()
  return [...sets.values()].some((set) => coverOf(set).includes(everyone))

  /**
   * The parts of `names` that the expression allows together, as bit sets, none of them inside another. Looking only at
   * the few names asked for keeps this small where the combinations written out would be many.
   */
  function coverOf(expression: MatrixExpression): readonly bigint[] {
    switch (expression.kind) {
      case 'model':
        return [bits.get(expression.name) ?? 0n]
      case 'set': {
        const before = known.get(expression.name)
        if (before) return before
        const inner = sets.get(expression.name)
        const cover = inner === undefined ? [0n] : coverOf(inner)
        known.set(expression.name, cover)
        return cover
      }
      case 'any':
        return largest(expression.parts.flatMap(coverOf))
      case 'all':
        return expression.parts.map(coverOf).reduce((one, other) => largest(joined(one, other)), [0n])
    }
  }
}

function joined(one: readonly bigint[], other: readonly bigint[]): readonly bigint[] {
  return one.flatMap((left) => other.map((right) => left | right))
}

function largest(sets: readonly bigint[]): readonly bigint[] {
  const unique = [...new Set(sets)]
  return unique.filter((set) => !unique.some((other) => other !== set && (set | other) === other))
}
