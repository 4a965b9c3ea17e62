import { z } from 'zod'

import { marks } from './schema-marks.ts'
import { configSchema } from './schema.ts'
import { shortForms } from './short-form.ts'

type JsonSchema = Readonly<Record<string, unknown>>

/**
 * JSON Schema of llmr.yaml, for editors. Draft 7, which is what their YAML plugins know best. It allows what reading the
 * file allows: a variable in place of any value, and sections with nothing in them.
 */
export function configJsonSchema(backendKinds: readonly string[]): JsonSchema {
  const { $schema, ...schema } = z.toJSONSchema(configSchema(backendKinds), {
    io: 'input',
    target: 'draft-07',
    override({ zodSchema, jsonSchema }) {
      if (marks.get(zodSchema)?.mark === 'secret') jsonSchema.writeOnly = true
      const { words } = shortForms.get(zodSchema) ?? {}
      if (words !== undefined) Object.assign(jsonSchema, { words })
    },
  })
  const variable = {
    type: 'string',
    pattern: String.raw`\$\{env\.[A-Za-z_][A-Za-z0-9_]*(:-[^}]*)?\}`,
    description: 'A text with ${env.NAME} or ${env.NAME:-default} in it.',
  }
  return { $schema, title: 'llmr.yaml', ...asWritten(schema), definitions: { variable } }
}

function asWritten(schema: JsonSchema): JsonSchema {
  const { words, ...section } = schema
  if (words !== undefined) return orWord(section, words)
  const { type, properties, additionalProperties, items } = schema
  if (type === 'object') {
    return {
      ...schema,
      type: ['object', 'null'],
      ...(isSchema(properties) && {
        properties: Object.fromEntries(
          Object.entries(properties).map(([key, value]) => [key, isSchema(value) ? asWritten(value) : value]),
        ),
      }),
      ...(isSchema(additionalProperties) && { additionalProperties: asWritten(additionalProperties) }),
    }
  }
  if (type === 'array') return { ...schema, ...(isSchema(items) && { items: asWritten(items) }) }
  return isAnyText(schema) ? schema : orVariable(schema)
}

/** A section in whose place one word may stand. */
function orWord({ description, default: value, ...section }: JsonSchema, words: unknown): JsonSchema {
  return {
    ...(description !== undefined && { description }),
    ...(value !== undefined && { default: value }),
    anyOf: [asWritten(section), { enum: words }, { $ref: '#/definitions/variable' }],
  }
}

function isAnyText({ type, pattern, format, minLength, enum: values }: JsonSchema): boolean {
  if (typeof minLength === 'number' && minLength > 1) return false
  return type === 'string' && pattern === undefined && format === undefined && values === undefined
}

function orVariable({ description, default: value, ...rest }: JsonSchema): JsonSchema {
  return {
    ...(description !== undefined && { description }),
    ...(value !== undefined && { default: value }),
    anyOf: [rest, { $ref: '#/definitions/variable' }],
  }
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
