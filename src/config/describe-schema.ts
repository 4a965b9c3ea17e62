import { z } from 'zod'

import { marks } from './schema-marks.ts'
import { shortForms } from './short-form.ts'

/**
 * The schema as plain data. What suggests names, substitutes variables, masks secrets and prints the reference asks
 * this, so that a new key needs one line in schema.ts and nothing else.
 */
export type Shape = ShapeFacts &
  (
    | {
        readonly kind: 'object'
        readonly keys: ReadonlyMap<string, Shape>
        /** Words that may stand in its place. */
        readonly words?: readonly string[]
      }
    | { readonly kind: 'record'; readonly value: Shape }
    | { readonly kind: 'list'; readonly item: Shape }
    | { readonly kind: 'choice'; readonly values: readonly string[] }
    | { readonly kind: 'either'; readonly options: readonly Shape[] }
    | { readonly kind: 'any' }
    | { readonly kind: 'text' | 'file' | 'duration' | 'size' | 'number' | 'boolean' }
  )

export interface ShapeFacts {
  readonly description?: string
  readonly isRequired: boolean
  /** As it would be written in the file. */
  readonly defaultValue?: unknown
  readonly isSecret: boolean
  /** Texts below it may hold macros, which are put in later. */
  readonly isTemplate?: boolean
  /** Only for numbers. */
  readonly isInteger?: boolean
}

/** @throws Error for a kind of schema that llmr.yaml has not needed so far: a gap in this file, found by any test. */
export function describeSchema(schema: z.core.$ZodType): Shape {
  const description = z.globalRegistry.get(schema)?.description
  if (schema instanceof z.ZodOptional) {
    return withFacts(describeSchema(schema.unwrap()), { description, isRequired: false })
  }
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) {
    const { defaultValue } = schema.def
    return withFacts(describeSchema(schema.unwrap()), { description, isRequired: false, defaultValue })
  }
  const mark = marks.get(schema)?.mark
  const facts = { description, isRequired: true, isSecret: mark === 'secret', isTemplate: mark === 'template' }
  return { ...variant(schema, mark), ...facts }
}

/** The shape at a path of keys and list positions; undefined where the schema knows no such place. */
export function shapeAt(shape: Shape, path: readonly PropertyKey[]): Shape | undefined {
  const [step, ...rest] = path
  if (step === undefined) return shape
  const next = child(shape, step)
  return next === undefined ? undefined : shapeAt(next, rest)
}

/** True for a secret, and for anything below one. */
export function isSecretAt(shape: Shape, path: readonly PropertyKey[]): boolean {
  return path.some((_, index) => shapeAt(shape, path.slice(0, index + 1))?.isSecret === true)
}

function child(shape: Shape, step: PropertyKey): Shape | undefined {
  switch (shape.kind) {
    case 'object':
      return shape.keys.get(String(step))
    case 'record':
      return shape.value
    case 'list':
      return shape.item
    case 'either':
      return shape.options.map((option) => child(option, step)).find((found) => found !== undefined)
    case 'any':
      return shape
    default:
      return undefined
  }
}

function withFacts(shape: Shape, facts: Partial<ShapeFacts>): Shape {
  return { ...shape, ...facts, description: facts.description ?? shape.description }
}

function variant(schema: z.core.$ZodType, mark: string | undefined) {
  if (mark === 'duration' || mark === 'size' || mark === 'file') return { kind: mark } as const
  if (schema instanceof z.ZodObject) {
    const keys = new Map(Object.entries(schema.shape).map(([key, value]) => [key, describeSchema(value)]))
    return { kind: 'object', keys } as const
  }
  if (schema instanceof z.ZodPipe && schema.out instanceof z.ZodObject) {
    const keys = new Map(Object.entries(schema.out.shape).map(([key, value]) => [key, describeSchema(value)]))
    return { kind: 'object', keys, words: shortForms.get(schema)?.words } as const
  }
  if (schema instanceof z.ZodRecord) return { kind: 'record', value: describeSchema(schema.valueType) } as const
  if (schema instanceof z.ZodArray) return { kind: 'list', item: describeSchema(schema.element) } as const
  if (schema instanceof z.ZodEnum) return { kind: 'choice', values: schema.options.map(String) } as const
  if (schema instanceof z.ZodLiteral) return { kind: 'choice', values: Array.from(schema.values, String) } as const
  if (schema instanceof z.ZodUnion) return { kind: 'either', options: schema.options.map(describeSchema) } as const
  if (schema instanceof z.ZodUnknown) return { kind: 'any' } as const
  if (schema instanceof z.ZodBoolean) return { kind: 'boolean' } as const
  if (schema instanceof z.ZodNumber) return { kind: 'number', isInteger: schema.isInt } as const
  if (schema instanceof z.ZodString || schema instanceof z.ZodStringFormat) return { kind: 'text' } as const
  throw new Error(`describeSchema does not know a schema of type ${schema._zod.def.type}`)
}
