import type { Tool } from '../../core/chat/chat-request.ts'
import { asSchema, propertySchema, type Schema } from '../values/schema-types.ts'

/** What has to be known of a tool to read a call to it. */
export type OfferedTool = Pick<Tool, 'name' | 'parameters'>

/** The tools a request offered, by name. */
export interface ToolTable {
  /** True also when no tool is known: then any name may be one. */
  readonly mayBe: (name: string) => boolean
  readonly isOffered: (name: string) => boolean
  readonly schemaOf: (name: string) => Schema | undefined
  readonly parameterSchema: (name: string, parameter: string) => Schema | undefined
  readonly has: (name: string, parameter: string) => boolean
  /** Also true of a tool that asks for none. */
  readonly hasRequired: (name: string, given: readonly string[]) => boolean
  /** The one tool that has all of these parameters; models that number their calls leave out the name. */
  readonly byArguments: (names: readonly string[]) => string | undefined
  /** False: a required argument is missing, or nothing is known of the tool. */
  readonly isComplete: (name: string, given: readonly string[]) => boolean
}

export function createToolTable(tools: readonly OfferedTool[]): ToolTable {
  const schemas = new Map(tools.map((tool) => [tool.name, tool.parameters]))
  const propertiesOf = (name: string): Schema => asSchema(schemas.get(name)?.['properties']) ?? {}
  return {
    mayBe: (name) => schemas.size === 0 || schemas.has(name),
    isOffered: (name) => schemas.has(name),
    schemaOf: (name) => schemas.get(name),
    parameterSchema: (name, parameter) => {
      const schema = schemas.get(name)
      return schema === undefined ? undefined : propertySchema(schema, parameter, schema)
    },
    has: (name, parameter) => Object.hasOwn(propertiesOf(name), parameter),
    hasRequired: (name, given) => {
      const required: unknown = schemas.get(name)?.['required']
      return !Array.isArray(required) || required.every((key) => given.includes(String(key)))
    },
    byArguments: (names) => {
      const fitting = tools.filter(({ name }) => names.every((key) => Object.hasOwn(propertiesOf(name), key)))
      return names.length > 0 && fitting.length === 1 ? fitting[0]?.name : undefined
    },
    isComplete: (name, given) => {
      const required: unknown = schemas.get(name)?.['required']
      return Array.isArray(required) && required.length > 0 && required.every((key) => given.includes(String(key)))
    },
  }
}
