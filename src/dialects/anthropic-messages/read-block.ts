import { type FilePart, type MediaSource, type ResultPart, textOf } from '../../core/chat/message.ts'
import { at, textAt } from '../../core/foreign-json.ts'
import type { Omissions } from '../omissions.ts'
import { blocksOf } from './blocks-of.ts'

/** One block of what a user says or a tool gives back. Empty texts, which aborted turns leave behind, count as nothing. */
export function readBlock(block: unknown, omissions: Omissions): ResultPart[] {
  const type = textAt(block, 'type')
  switch (type) {
    case 'text':
      return textParts(textAt(block, 'text'))
    case 'image':
      return readImage(block, omissions)
    case 'document':
      return readDocument(block, omissions)
    case 'search_result':
      return readSearchResult(block, omissions)
    case 'tool_reference':
      return textParts(textAt(block, 'tool_name'))
    default:
      omissions.add(`block ${type ?? 'without a type'}`)
      return []
  }
}

function textParts(text: string | undefined): ResultPart[] {
  return text === undefined || text === '' ? [] : [{ type: 'text', text }]
}

function readImage(block: unknown, omissions: Omissions): ResultPart[] {
  const source = readSource(at(block, 'source'), omissions)
  return source === undefined ? [] : [{ type: 'image', source }]
}

/** A document is what it says; its context, where there is one, stands before it. */
function readDocument(block: unknown, omissions: Omissions): ResultPart[] {
  const name = textAt(block, 'title')
  const context = textParts(textAt(block, 'context'))
  const source = at(block, 'source')
  const parts = textAt(source, 'type') === 'content' ? readInner(at(source, 'content'), omissions) : undefined
  const file = parts === undefined ? readFileSource(source, omissions) : { kind: 'text' as const, text: textOf(parts) }
  if (file === undefined) return context
  const images = (parts ?? []).filter(({ type }) => type === 'image')
  return [...context, { type: 'file', source: file, ...(name !== undefined && { name }) }, ...images]
}

function readSearchResult(block: unknown, omissions: Omissions): ResultPart[] {
  const name = textAt(block, 'title')
  const origin = textAt(block, 'source')
  const text = textOf(readInner(at(block, 'content'), omissions))
  const source = { kind: 'text', text: origin === undefined ? text : `Source: ${origin}\n\n${text}` } as const
  return [{ type: 'file', source, ...(name !== undefined && { name }) }]
}

function readInner(content: unknown, omissions: Omissions): ResultPart[] {
  return blocksOf(content).flatMap((inner) => readBlock(inner, omissions))
}

function readFileSource(source: unknown, omissions: Omissions): FilePart['source'] | undefined {
  const data = textAt(source, 'data')
  if (textAt(source, 'type') === 'text' && data !== undefined) return { kind: 'text', text: data }
  const media = readSource(source, omissions)
  if (media?.kind !== 'base64' || !media.mediaType.startsWith('text/')) return media
  return { kind: 'text', text: Buffer.from(media.data, 'base64').toString() }
}

/** Files that were uploaded to a provider beforehand are known to that provider only. */
function readSource(source: unknown, omissions: Omissions): MediaSource | undefined {
  const type = textAt(source, 'type')
  const url = textAt(source, 'url')
  const data = textAt(source, 'data')
  if (type === 'url' && url !== undefined) return { kind: 'url', url }
  if (type === 'base64' && data !== undefined) {
    return { kind: 'base64', mediaType: textAt(source, 'media_type') ?? 'application/octet-stream', data }
  }
  omissions.add(`source ${type ?? 'without a type'}`)
  return undefined
}
