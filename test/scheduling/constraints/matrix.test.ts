import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { compileMatrix } from '../../../src/scheduling/constraints/matrix.ts'
import type { MatrixSettings } from '../../../src/scheduling/constraints/matrix.ts'
import { parseMatrixExpression } from '../../../src/scheduling/constraints/matrix-expression.ts'
import { modelNamed } from '../driven-scheduler.ts'

const names = ['a', 'b', 'c', 'd', 'e']

function matrixOf(sets: Readonly<Record<string, string>>, change: Partial<MatrixSettings> = {}) {
  const compiled = compileMatrix({ sets, variables: {}, evictCosts: {}, ...change }, names)
  if ('problems' in compiled) throw new Error(compiled.problems.join('; '))
  return compiled.constraint
}

function allows(constraint: ReturnType<typeof matrixOf>, ...[target = '', ...beside]: readonly string[]): boolean {
  return constraint.admits({ target: modelNamed(target), beside: beside.map((name) => modelNamed(name)) })
}

function problemsOf(sets: Readonly<Record<string, string>>, change: Partial<MatrixSettings> = {}): readonly string[] {
  const compiled = compileMatrix({ sets, variables: {}, evictCosts: {}, ...change }, names)
  return 'problems' in compiled ? compiled.problems : []
}

test('models of one set may be together, those of two may not', () => {
  const matrix = matrixOf({ one: 'a & b', two: 'c & d' })
  expect(allows(matrix, 'a', 'b')).toBe(true)
  expect(allows(matrix, 'a', 'c')).toBe(false)
})

test('& binds tighter than |, and parentheses change that', () => {
  expect(allows(matrixOf({ set: 'a | b & c' }), 'a', 'c')).toBe(false)
  expect(allows(matrixOf({ set: '(a | b) & c' }), 'a', 'c')).toBe(true)
  expect(allows(matrixOf({ set: '(a | b) & c' }), 'a', 'b')).toBe(false)
})

test('+name stands for another set', () => {
  const matrix = matrixOf({ small: 'a | b', all: '+small & c' })
  expect(allows(matrix, 'c', 'b')).toBe(true)
  expect(allows(matrix, 'a', 'b')).toBe(false)
})

test('a part of an allowed set is allowed, and a model in no set runs alone', () => {
  const matrix = matrixOf({ set: 'a & b & c' })
  expect(allows(matrix, 'c', 'a')).toBe(true)
  expect(allows(matrix, 'e')).toBe(true)
  expect(allows(matrix, 'e', 'a')).toBe(false)
})

test('a variable stands for its model, even where a model has its name', () => {
  const matrix = matrixOf({ set: 'x & a' }, { variables: { x: 'b', a: 'c' }, evictCosts: { x: 7 } })
  expect(allows(matrix, 'b', 'c')).toBe(true)
  expect(allows(matrix, 'b', 'a')).toBe(false)
  expect(matrix.evictCost?.(modelNamed('b'))).toBe(7)
  expect(matrix.evictCost?.(modelNamed('c'))).toBe(1)
})

test('agrees with writing out every combination', () => {
  const expression = fc.letrec<{ any: readonly (readonly string[])[]; text: never }>((tie) => ({
    any: fc.oneof(
      { maxDepth: 3 },
      fc.constantFrom(...names).map((name) => Object.assign([[name]], { text: name })),
      fc.tuple(tie('any'), tie('any'), fc.boolean()).map(([one, other, isAll]) => {
        const sets = isAll ? one.flatMap((left) => other.map((right) => [...left, ...right])) : [...one, ...other]
        return Object.assign(sets, { text: `(${textOf(one)} ${isAll ? '&' : '|'} ${textOf(other)})` })
      }),
    ),
    text: fc.constant(undefined as never),
  })).any
  fc.assert(
    fc.property(expression, fc.subarray(names, { minLength: 2 }), (sets, wanted) => {
      const isListed = sets.some((set) => wanted.every((name) => set.includes(name)))
      expect(allows(matrixOf({ set: textOf(sets) }), ...wanted)).toBe(isListed)
    }),
  )
  function textOf(sets: readonly (readonly string[])[]): string {
    return (sets as unknown as { text: string }).text
  }
})

test('fewer residents are never worse', () => {
  const matrix = matrixOf({ one: 'a & (b | c) & d', two: '+one | e & a' })
  fc.assert(
    fc.property(fc.subarray(names, { minLength: 2 }), ([target = 'a', ...beside]) => {
      if (!allows(matrix, target, ...beside)) return
      expect(allows(matrix, target, ...beside.slice(1))).toBe(true)
    }),
  )
})

test.each([
  ['a &', 'set s: expected a model, a set as +name, or ( at column 4, found the end'],
  ['a b', 'set s: expected & or | at column 3, found b'],
  ['(a | b', 'set s: expected ) at column 7, found the end'],
  ['a ! b', 'set s: unexpected ! at column 3; expected a model, &, |, ( ), or +set'],
  ['+', 'set s: expected the name of a set after + at column 2, found the end'],
  ['', 'set s: expected a model, a set as +name, or ( at column 1, found the end'],
  ['a & zebra', 'set s: there is no model or variable named zebra'],
  ['+t', 'set s: there is no set named t'],
  ['+s & a', 'set s refers to itself'],
])('%j is a problem that says where and what', (text, problem) => {
  expect(problemsOf({ s: text })).toEqual([problem])
})

test('every problem is told at once, circles of sets and costs too', () => {
  expect(problemsOf({ s: '+t', t: '+u', u: '+s', v: 'a &' }, { evictCosts: { a: 0, zebra: 2 } })).toEqual([
    'set v: expected a model, a set as +name, or ( at column 4, found the end',
    'evict cost of a: expected a number above 0, found 0',
    'evict cost: there is no model or variable named zebra',
    'set s refers to itself',
    'set t refers to itself',
    'set u refers to itself',
  ])
})

test('parentheses a thousand deep are a problem, not a crash', () => {
  expect(parseMatrixExpression('('.repeat(1_000))).toEqual({ problem: expect.stringContaining('no more than 100') })
})

test('any text is an expression or a problem', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const parsed = parseMatrixExpression(text)
      expect('expression' in parsed || parsed.problem.length > 0).toBe(true)
    }),
  )
})
