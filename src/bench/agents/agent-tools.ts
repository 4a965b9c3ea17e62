import type { Tool } from '../../core/chat/chat-request.ts'
import { parseForeignJson } from '../../core/foreign-json.ts'

export const agentTools: readonly Tool[] = [
  tool('list_files', 'Lists all files.', {}),
  tool('read_file', 'Reads a file.', { path: 'string' }),
  tool('search', 'Finds a text in all files.', { text: 'string' }),
  tool('edit_file', 'Replaces a text in a file.', { path: 'string', old: 'string', new: 'string', count: 'integer' }),
  tool('write_file', 'Writes a file.', { path: 'string', text: 'string' }),
]

/**
 * Does what a model calls for, and tells it what is wrong where it cannot be done, as agents do: a name that is none, JSON
 * that is none, values that the tool does not take.
 */
export function callTool(
  { name, argumentsText }: { readonly name: string; readonly argumentsText: string },
  files: Map<string, string>,
): string {
  const called = agentTools.find((candidate) => candidate.name === name)
  if (called === undefined)
    return `Error: no such tool: ${name}. Tools: ${agentTools.map((one) => one.name).join(', ')}.`
  const args = parseForeignJson(argumentsText || '{}')
  if (typeof args !== 'object' || args === null) return 'Error: the arguments are not a JSON object.'
  const given = new Map(Object.entries(args))
  for (const [key, type] of Object.entries(typesOf(called))) {
    const value: unknown = given.get(key)
    const isRight = type === 'integer' ? Number.isInteger(value) : typeof value === type
    if (!isRight && !(type === 'integer' && value === undefined)) return `Error: ${key} must be a ${type}.`
  }
  const text = (key: string): string => String(given.get(key))
  switch (name) {
    case 'list_files':
      return Array.from(files.keys()).join('\n')
    case 'read_file':
      return files.get(text('path')) ?? `Error: ${text('path')}: no such file.`
    case 'search':
      return found(files, text('text'))
    case 'edit_file':
      return edited(files, { path: text('path'), old: text('old'), fresh: text('new') })
    default:
      files.set(text('path'), text('text'))
      return `wrote ${text('path')}`
  }
}

function found(files: ReadonlyMap<string, string>, wanted: string): string {
  const lines = Array.from(files).flatMap(([path, text]) =>
    text.split('\n').flatMap((line) => (line.includes(wanted) ? [`${path}: ${line}`] : [])),
  )
  return lines.length === 0 ? 'Nothing found.' : lines.join('\n')
}

function edited(
  files: Map<string, string>,
  { path, old, fresh }: { readonly path: string; readonly old: string; readonly fresh: string },
): string {
  const text = files.get(path)
  if (text === undefined) return `Error: ${path}: no such file.`
  if (!text.includes(old)) return `Error: ${path} does not hold that text.`
  files.set(
    path,
    text.replace(old, () => fresh),
  )
  return `edited ${path}`
}

type ArgumentType = 'string' | 'integer'

function tool(name: string, description: string, types: Readonly<Record<string, ArgumentType>>): Tool {
  const properties = Object.fromEntries(Object.entries(types).map(([key, type]) => [key, { type }]))
  const required = Object.keys(types).filter((key) => types[key] !== 'integer')
  return { name, description, parameters: { type: 'object', properties, required } }
}

function typesOf({ parameters }: Tool): Readonly<Record<string, string>> {
  const properties = Object.entries(Object(parameters['properties']))
  return Object.fromEntries(properties.map(([key, schema]) => [key, String(Reflect.get(Object(schema), 'type'))]))
}
