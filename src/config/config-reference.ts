import { describeSchema } from './describe-schema.ts'
import type { Shape } from './describe-schema.ts'
import { configSchema } from './schema.ts'

/** The tables of docs/configuration.md: one section a top key, one row a key below it. */
export function renderReference(backendKinds: readonly string[]): string {
  const root = describeSchema(configSchema(backendKinds))
  if (root.kind !== 'object') return ''
  return Array.from(root.keys, ([name, shape]) => renderSection(name, shape)).join('\n')
}

function renderSection(name: string, shape: Shape): string {
  const rows = rowsOf(shape, '')
  return [
    `## ${name}`,
    '',
    shape.description ?? '',
    '',
    ...renderTable(['Key', 'Type', 'Default', 'Meaning'], rows),
    '',
  ].join('\n')
}

type Row = readonly string[]

/** Nested sections are written with dots, entries of your naming as `NAME`, items of a list as `[]`. */
function rowsOf(shape: Shape, prefix: string): readonly Row[] {
  switch (shape.kind) {
    case 'object':
      return Array.from(shape.keys).flatMap(([key, value]) => {
        const path = prefix === '' ? key : `${prefix}.${key}`
        return [rowOf(path, value), ...rowsOf(value, path)]
      })
    case 'record':
      return shape.value.kind === 'object' || shape.value.kind === 'record'
        ? rowsOf(shape.value, prefix === '' ? 'NAME' : `${prefix}.NAME`)
        : []
    case 'list':
      return rowsOf(shape.item, `${prefix}[]`)
    default:
      return []
  }
}

function rowOf(path: string, shape: Shape): Row {
  return [`\`${path}\``, typeOf(shape), defaultOf(shape), shape.description ?? '']
}

function typeOf(shape: Shape): string {
  switch (shape.kind) {
    case 'object':
      return shape.words === undefined ? 'section' : `section, or ${valuesOf(shape.words)}`
    case 'record':
      return `NAME → ${typeOf(shape.value)}`
    case 'list':
      return shape.item.kind === 'choice' ? `list of ${valuesOf(shape.item.values)}` : `list of ${typeOf(shape.item)}s`
    case 'choice':
      return valuesOf(shape.values)
    case 'either':
      return Array.from(new Set(shape.options.map(typeOf))).join(' or ')
    case 'any':
      return 'any value'
    case 'number':
      return shape.isInteger === true ? 'whole number' : 'number'
    case 'boolean':
      return valuesOf(['true', 'false'])
    case 'file':
      return 'path'
    case 'text':
      return shape.isSecret ? 'secret text' : 'text'
    case 'duration':
    case 'size':
      return shape.kind
  }
}

function valuesOf(values: readonly string[]): string {
  return values.map((value) => `\`${value}\``).join(', ')
}

function defaultOf({ isRequired, kind, defaultValue }: Shape): string {
  if (isRequired) return 'required'
  if (defaultValue === undefined || kind === 'object' || kind === 'record') return ''
  const text = Array.isArray(defaultValue) ? `[${defaultValue.join(', ')}]` : JSON.stringify(defaultValue)
  return `\`${text.replaceAll('"', '')}\``
}

/** Columns as wide as their widest cell, as the formatter of this repository writes them. */
function renderTable(header: Row, rows: readonly Row[]): readonly string[] {
  const cells = [header, ...rows].map((row) => row.map((cell) => cell.replaceAll('|', String.raw`\|`)))
  const widths = header.map((_, column) => Math.max(...cells.map((row) => (row[column] ?? '').length)))
  const [head = '', ...body] = cells.map((row) => {
    return `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`
  })
  return [head, `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...body]
}
