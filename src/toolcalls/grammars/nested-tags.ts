import type { NestedTagsRow } from '../formats/reply-format.ts'
import { createMarkerSet } from '../parse/marker-set.ts'
import type { CallDraft } from '../parse/reply-event.ts'
import type { Reading, TextReader } from '../parse/text-reader.ts'
import type { ToolTable } from '../parse/tool-table.ts'
import { coerceText } from '../values/coerce-text.ts'
import { itemsSchema, propertySchema, type Schema } from '../values/schema-types.ts'

/** The region to its closing tag, then the tags in it as a tree. */
export function* readNestedTags(
  reader: TextReader,
  row: NestedTagsRow,
  tools: ToolTable,
): Reading<CallDraft[] | undefined> {
  const { text, marker } = yield* reader.collectUntil(createMarkerSet([row.close]))
  if (marker === undefined) return undefined
  const tree = treeOf(text, row.announce)
  if (tree === undefined) return undefined
  return tree.children.flatMap((invoke) => {
    const name = /\bname\s*=\s*"?([^"\s>]+)/.exec(invoke.tag)?.[1]
    if (name === undefined) return []
    const schema = tools.schemaOf(name) ?? {}
    return [{ name, argumentsText: objectJson(invoke, schema, schema) }]
  })
}

interface Tag {
  readonly tag: string
  readonly children: Tag[]
  text: string
}

/** `undefined` when a tag is closed that is not open, or too many are. */
function treeOf(text: string, announce: string): Tag | undefined {
  const root: Tag = { tag: '', children: [], text: '' }
  const open = [root]
  const [before = '', ...pieces] = text.split(announce)
  root.text = before
  for (const piece of pieces) {
    const [, slash = '', tag = '', rest = ''] = /^<(\/?)([^>]*)>([\s\S]*)$/.exec(piece) ?? []
    const current = open.at(-1)
    if (tag === '' || current === undefined) return undefined
    if (slash === '/') {
      if (open.length === 1 || tagName(current) !== tag.trim()) return undefined
      open.pop()
      continue
    }
    if (open.length > depthMax) return undefined
    const child: Tag = { tag, children: [], text: rest }
    current.children.push(child)
    open.push(child)
  }
  return open.length === 1 ? root : undefined
}

const depthMax = 64

function tagName(tag: Tag): string {
  return tag.tag.split(/[\s=]/, 1)[0] ?? ''
}

function objectJson(tag: Tag, schema: Schema, root: Schema): string {
  const members = tag.children.map((child) => {
    const key = tagName(child)
    return `${JSON.stringify(key)}: ${valueJson(child, propertySchema(schema, key, root), root)}`
  })
  return `{${members.join(', ')}}`
}

function valueJson(tag: Tag, schema: Schema | undefined, root: Schema): string {
  if (tag.children.length === 0) return coerceText(tag.text, schema, root)
  const isList = tag.children.every((child) => tagName(child) === 'item')
  if (!isList) return objectJson(tag, schema ?? {}, root)
  const items = itemsSchema(schema, root)
  return `[${tag.children.map((child) => valueJson(child, items, root)).join(', ')}]`
}
