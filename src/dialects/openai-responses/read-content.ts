import { mediaSourceOf } from '../../core/chat/media-source.ts'
import type { FilePart, MediaSource, UserPart } from '../../core/chat/message.ts'
import { at, textAt } from '../../core/foreign-json.ts'
import type { Omissions } from '../omissions.ts'

/** Content as parts: a plain string is short for one text. Empty texts, which aborted turns leave behind, count as nothing. */
export function readContent(content: unknown, omissions: Omissions): UserPart[] {
  const parts = typeof content === 'string' ? [{ type: 'input_text', text: content }] : content
  return Array.isArray(parts) ? parts.flatMap((part: unknown) => readPart(part, omissions)) : []
}

function readPart(part: unknown, omissions: Omissions): UserPart[] {
  const type = textAt(part, 'type')
  switch (type) {
    case 'input_text':
    case 'output_text':
    case 'text': {
      const text = textAt(part, 'text')
      return text === undefined || text === '' ? [] : [{ type: 'text', text }]
    }
    case 'input_image':
      return readImage(part, omissions)
    case 'input_file':
      return readFile(part, omissions)
    case 'input_audio':
      return readAudio(part)
    default:
      omissions.add(`content ${type ?? 'without a type'}`)
      return []
  }
}

function readAudio(part: unknown): UserPart[] {
  const data = textAt(part, 'input_audio', 'data')
  return data === undefined ? [] : [{ type: 'audio', data, format: textAt(part, 'input_audio', 'format') ?? 'wav' }]
}

function readImage(part: unknown, omissions: Omissions): UserPart[] {
  const url = textAt(part, 'image_url') ?? textAt(part, 'image_url', 'url')
  if (url === undefined) {
    omissions.add('input_image without image_url')
    return []
  }
  const detail = textAt(part, 'detail')
  // The newest level is one that engines do not know.
  const level = detail === 'original' ? 'high' : detail
  return [{ type: 'image', source: mediaSourceOf(url), ...(level !== undefined && { detail: level }) }]
}

/** Files that were uploaded to a provider beforehand are known to that provider only. */
function readFile(part: unknown, omissions: Omissions): UserPart[] {
  const data = textAt(part, 'file_data')
  const url = textAt(part, 'file_url')
  const name = textAt(part, 'filename')
  if (data === undefined && url === undefined) {
    omissions.add(at(part, 'file_id') === undefined ? 'input_file without data' : 'input_file by file_id')
    return []
  }
  const source = data === undefined ? mediaSourceOf(url ?? '') : fileSource(data)
  return [{ type: 'file', source: asText(source), ...(name !== undefined && { name }) }]
}

function fileSource(data: string): MediaSource {
  return data.startsWith('data:') ? mediaSourceOf(data) : { kind: 'base64', mediaType: 'application/pdf', data }
}

/** Most engines can read text and nothing else. */
function asText(source: MediaSource): FilePart['source'] {
  if (source.kind !== 'base64' || !source.mediaType.startsWith('text/')) return source
  return { kind: 'text', text: Buffer.from(source.data, 'base64').toString() }
}
