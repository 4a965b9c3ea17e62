import type { ParameterRow, TaggedRow } from '../formats/reply-format.ts'
import { markersOf } from '../parse/marker-set.ts'
import type { CallDraft } from '../parse/reply-event.ts'
import type { Reading, TextReader } from '../parse/text-reader.ts'
import type { ToolTable } from '../parse/tool-table.ts'
import { withoutEntities } from '../values/entities.ts'
import { coerceText, coerceUntyped } from '../values/coerce-text.ts'
import { draftsOfJson } from './drafts-of-json.ts'
import { callName, jsonText } from './named-json.ts'

/** Name in a tag, then each argument in its own. */
export function* readTagged(reader: TextReader, row: TaggedRow, tools: ToolTable): Reading<CallDraft[] | undefined> {
  const header = yield* readHeader(reader, row)
  if (header === undefined) return undefined
  const args = new Map<string, string>()
  const isWhole = header.isSelfClosing || (yield* readParameters(reader, row, header.name, args, tools))
  if (!isWhole && !tools.isComplete(header.name, [...args.keys()])) return undefined
  // A word between two tags is then a call only if there is such a tool.
  if (row.isGuess === true && args.size === 0 && !tools.mayBe(header.name)) return undefined
  return [{ name: header.name, argumentsText: argumentsOf(header.name, args, tools) }]
}

interface Header {
  readonly name: string
  readonly isSelfClosing: boolean
}

function* readHeader(reader: TextReader, row: TaggedRow): Reading<Header | undefined> {
  const ends = row.header === 'attributes' ? row.headerEnd : endsOfHeader(row)
  yield* reader.skipSpace()
  const { text, marker } = yield* reader.collectUntil(markersOf(ends), headerLengthMax)
  if (marker === undefined) return undefined
  // What ended a name in a line may be the first argument's tag or the end of the call.
  if (row.header !== 'attributes' && !row.headerEnd.includes(marker)) reader.giveBack(marker)
  const isSelfClosing = row.header === 'attributes' && text.trimEnd().endsWith('/')
  const written = row.header === 'attributes' ? nameAttribute(attributesOf(text)) : text.replace(/\\n$/, '')
  if (row.header === 'attributes')
    return written === undefined || written === '' ? undefined : { name: written, isSelfClosing }
  const name = callName(unquoted(written ?? ''))
  return name === undefined ? undefined : { name: name.name, isSelfClosing }
}

const headerLengthMax = 512

const headerEnds = new WeakMap<TaggedRow, readonly string[]>()

/** Also where its own end was forgotten: at a line's end, or where an argument or the end of the call begins. */
function endsOfHeader(row: TaggedRow): readonly string[] {
  const known = headerEnds.get(row)
  if (known !== undefined) return known
  const ends = [...row.headerEnd, '\n', ...row.parameter.open, ...row.close]
  headerEnds.set(row, ends)
  return ends
}

/** True when the call was closed. What stands between the tags is noise. */
function* readParameters(
  reader: TextReader,
  row: TaggedRow,
  name: string,
  args: Map<string, string>,
  tools: ToolTable,
): Reading<boolean> {
  const tags = markersOf(tagsOf(row))
  for (;;) {
    yield* reader.skipSpace()
    if ((yield* reader.peek(1)) === '{') {
      const { text, isClosed } = yield* reader.balanced()
      if (!isClosed) return false
      for (const [key, value] of bodyMembers(text)) args.set(key, value)
    }
    const { marker } = yield* reader.collectUntil(tags)
    if (marker === undefined) return false
    if (row.close.includes(marker)) return true
    const parameter = yield* readParameter(reader, row.parameter)
    if (parameter === 'cut') return false
    if (parameter === undefined) continue
    const { key, text, type } = parameter
    args.set(key, coerced(text, type, name, key, tools))
  }
}

const tagsByRow = new WeakMap<TaggedRow, readonly string[]>()

function tagsOf(row: TaggedRow): readonly string[] {
  const known = tagsByRow.get(row)
  if (known !== undefined) return known
  const tags = [...row.parameter.open, ...row.close]
  tagsByRow.set(row, tags)
  return tags
}

/** A body that is one JSON object instead of tags: the arguments, or a whole call. */
function bodyMembers(text: string): (readonly [string, string])[] {
  const named = draftsOfJson(text)?.[0]?.argumentsText
  const json = named ?? jsonText(text, false)
  if (json === undefined) return []
  const value = JSON.parse(json) as Readonly<Record<string, unknown>>
  return Object.entries(value).map(([key, member]) => [key, JSON.stringify(member)])
}

interface Parameter {
  readonly key: string
  readonly text: string
  /** As the tag itself says. */
  readonly type: string | undefined
}

/** `undefined`: a key without a value, which is left out. `cut`: the text ended within. */
function* readParameter(reader: TextReader, row: ParameterRow): Reading<Parameter | 'cut' | undefined> {
  const header = yield* reader.collectUntil(markersOf(endsOfKey(row)), headerLengthMax)
  if (header.marker === undefined) return 'cut'
  if (header.marker === row.valueOpen) reader.giveBack(header.marker)
  const attributes = row.header === 'attributes' ? attributesOf(header.text) : undefined
  const key = attributes === undefined ? unquoted(header.text) : nameAttribute(attributes)
  if (row.valueOpen !== undefined) {
    yield* skipEscapedBreak(reader)
    if ((yield* reader.acceptAfterSpace([row.valueOpen])) === undefined) return reader.isAtEnd ? 'cut' : undefined
  }
  const text = yield* readValue(reader, row)
  if (text === undefined) return 'cut'
  if (key === undefined || key === '' || key.includes('\n')) return undefined
  return { key, text, type: attributes?.get('type') ?? stringFlag(attributes?.get('string')) }
}

const keyEnds = new WeakMap<ParameterRow, readonly string[]>()

/** The tag of the value ends a key whose own end was forgotten. */
function endsOfKey(row: ParameterRow): readonly string[] {
  const known = keyEnds.get(row)
  if (known !== undefined) return known
  const ends = row.valueOpen === undefined ? row.headerEnd : [...row.headerEnd, row.valueOpen]
  keyEnds.set(row, ends)
  return ends
}

function unquoted(text: string): string {
  return text.trim().replace(/^(["'])(.*)\1$/s, '$2')
}

/** Some models write a line break as backslash and n between tags. */
function* skipEscapedBreak(reader: TextReader): Reading<void> {
  while ((yield* reader.acceptAfterSpace([String.raw`\n`])) !== undefined);
}

function* readValue(reader: TextReader, row: ParameterRow): Reading<string | undefined> {
  if ((yield* reader.acceptAfterSpace([characterData])) !== undefined) {
    const data = yield* reader.collectUntil(markersOf(characterDataEnd))
    yield* reader.acceptAfterSpace(row.close)
    return data.marker === undefined ? undefined : data.text
  }
  const { text, marker } = yield* reader.collectUntil(markersOf(valueEnds(row)))
  if (marker === undefined) return undefined
  if (row.closeBefore?.includes(marker) === true) reader.giveBack(marker)
  return row.trimsLineBreaks === true ? text.replace(/^\n/, '').replace(/\n$/, '') : text
}

const characterData = '<![CDATA['
const characterDataEnd = [']]>'] as const

const endsByParameter = new WeakMap<ParameterRow, readonly string[]>()

function valueEnds(row: ParameterRow): readonly string[] {
  const known = endsByParameter.get(row)
  if (known !== undefined) return known
  const ends = [...row.close, ...(row.closeBefore ?? [])]
  endsByParameter.set(row, ends)
  return ends
}

function coerced(text: string, type: string | undefined, name: string, key: string, tools: ToolTable): string {
  if (type === 'string') return JSON.stringify(text)
  const schema = tools.parameterSchema(name, key)
  if (type === undefined || schema !== undefined) return coerceText(text, schema, tools.schemaOf(name) ?? {})
  return coerceUntyped(text)
}

function stringFlag(flag: string | undefined): string | undefined {
  if (flag === undefined) return undefined
  return flag === 'true' ? 'string' : 'json'
}

/** JSON of the arguments; one that only wraps all others, and that the tool does not know, is taken off. */
function argumentsOf(name: string, args: ReadonlyMap<string, string>, tools: ToolTable): string {
  const [only, ...others] = args
  if (only !== undefined && others.length === 0 && wrapperKeys.has(only[0]) && !tools.has(name, only[0])) {
    const inner = only[1].startsWith('"') ? String(JSON.parse(only[1])) : only[1]
    const json = inner.trimStart().startsWith('{') ? jsonText(inner, false) : undefined
    if (json !== undefined) return json
  }
  return `{${Array.from(args, ([key, json]) => `${JSON.stringify(key)}: ${json}`).join(', ')}}`
}

const wrapperKeys: ReadonlySet<string> = new Set(['arguments', 'input', 'parameters', 'args'])

/** `name="a" string="true"`, quotes single, double or missing; entities decoded. */
function attributesOf(text: string): ReadonlyMap<string, string> {
  const found = text.matchAll(/([\w-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'/]+))/g)
  return new Map(
    Array.from(found, ([, key = '', double, single, bare]) => [key, withoutEntities(double ?? single ?? bare ?? '')]),
  )
}

function nameAttribute(attributes: ReadonlyMap<string, string>): string | undefined {
  return attributes.get('name') ?? attributes.get('tool') ?? attributes.get('key')
}
