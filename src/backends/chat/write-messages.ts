import {
  type AssistantMessage,
  type FilePart,
  type ImagePart,
  type MediaSource,
  type Message,
  type ResultPart,
  type ToolMessage,
  type UserPart,
} from '../../core/chat/message.ts'
import type { ChatAbilities } from './chat-abilities.ts'

/** Messages in OpenAI's shape. */
export function writeMessages(messages: readonly Message[], abilities: ChatAbilities): object[] {
  return messages.flatMap((message, at) => {
    switch (message.role) {
      case 'system':
        return [{ role: 'system', content: message.parts.map(({ text }) => text).join('\n\n') }]
      case 'user':
        return [{ role: 'user', content: writeContent(message.parts), ...(message.name && { name: message.name }) }]
      case 'assistant':
        return [writeAssistant(message, abilities)]
      case 'tool':
        return [writeResult(message), ...picturesAfter(messages, at)]
    }
  })
}

function writeAssistant({ parts }: AssistantMessage, { takesReasoning }: ChatAbilities): object {
  const text = parts.map((part) => (part.type === 'text' || part.type === 'refusal' ? part.text : '')).join('')
  const reasoning = parts.map((part) => (part.type === 'reasoning' ? part.text : '')).join('')
  const calls = parts.flatMap((part) =>
    part.type === 'tool-call'
      ? [{ id: part.id, type: 'function', function: { name: part.name, arguments: part.argumentsText || '{}' } }]
      : [],
  )
  return {
    role: 'assistant',
    content: text === '' && calls.length > 0 ? null : text,
    ...(takesReasoning && reasoning !== '' && { reasoning_content: reasoning }),
    ...(calls.length > 0 && { tool_calls: calls }),
  }
}

/** What a tool gives back is text in this shape. */
function writeResult({ callId, name, parts, isError }: ToolMessage): object {
  const text = parts.map(resultText).join('\n')
  const content = isError === true ? `Error: ${text}` : text
  return { role: 'tool', tool_call_id: callId, ...(name !== undefined && { name }), content }
}

function resultText(part: ResultPart): string {
  if (part.type === 'text') return part.text
  if (part.type === 'image') return '[image, shown below]'
  return fileText(part)
}

/** Pictures that tools gave follow as a user's, behind the last result of the turn: results must not be parted. */
function picturesAfter(messages: readonly Message[], at: number): object[] {
  if (messages[at + 1]?.role === 'tool') return []
  const first = messages.findLastIndex(({ role }, index) => index < at && role !== 'tool') + 1
  const pictures = messages
    .slice(first, at + 1)
    .flatMap((message) => (message.role === 'tool' ? message.parts.filter(isImage) : []))
  return pictures.length === 0 ? [] : [{ role: 'user', content: pictures.map(writePart) }]
}

function isImage(part: ResultPart): part is ImagePart {
  return part.type === 'image'
}

function writeContent(parts: readonly UserPart[]): unknown {
  const texts = parts.flatMap((part) => (part.type === 'text' ? [part.text] : []))
  // With line breaks, as engines themselves join texts for templates that take no lists: sentences must not run together.
  return texts.length === parts.length ? texts.join('\n') : parts.map(writePart)
}

function writePart(part: UserPart): object {
  switch (part.type) {
    case 'text':
      return { type: 'text', text: part.text }
    case 'image': {
      const { detail } = part
      return { type: 'image_url', image_url: { url: urlOf(part.source), ...(detail !== undefined && { detail }) } }
    }
    case 'audio':
      return { type: 'input_audio', input_audio: { data: part.data, format: part.format } }
    case 'file': {
      const { source, name } = part
      // By its address alone a file is nobody's here: an engine that fetched it would do so from inside the network.
      if (source.kind !== 'base64') return { type: 'text', text: fileText(part) }
      return { type: 'file', file: { filename: name ?? 'file', file_data: urlOf(source) } }
    }
  }
}

function urlOf(source: MediaSource): string {
  return source.kind === 'url' ? source.url : `data:${source.mediaType};base64,${source.data}`
}

/** A document whose text is known is given as text: most engines can read nothing else. */
function fileText({ source, name }: FilePart): string {
  if (source.kind !== 'text') return `[file${name === undefined ? '' : ` ${name}`}: cannot be shown here]`
  return name === undefined ? source.text : `<document name=${JSON.stringify(name)}>\n${source.text}\n</document>`
}
