import type { ChatOutline, ChatRole } from '../../core/chat/chat-outline.ts'
import { LlmrError } from '../../core/error.ts'
import { isImagePart } from './chat/image-parts.ts'

/**
 * What routing needs of a chat body, in one pass that tolerates anything: a message of a shape nobody knows is the
 * engine's to refuse, not ours.
 */
export function outlineChat(json: Readonly<Record<string, unknown>>): ChatOutline {
  const roles: ChatRole[] = []
  let systemText = ''
  let lastUserText = ''
  let hasToolResults = false
  let hasImages = false
  let hasNewImages = false
  let hasLinkedMedia = false
  let textLength = 0

  for (const message of asArray(json['messages'])) {
    if (!isObject(message)) continue
    const role = roleOf(message['role'])
    const content = readContent(message['content'])
    textLength += content.text.length + lengthOfCalls(message['tool_calls'])
    hasImages ||= content.hasImages
    if (role === 'user') hasNewImages ||= content.hasImages
    else if (role === 'assistant') hasNewImages = false
    hasLinkedMedia ||= content.hasLinkedMedia
    hasToolResults ||= role === 'tool'
    if (role === 'system') systemText += systemText === '' ? content.text : `\n${content.text}`
    if (role === 'user') lastUserText = content.text
    roles.push(role)
  }

  const tools = asArray(json['tools'])
  if (tools.length > 0) textLength += writtenLength(tools)
  return {
    roles,
    systemText,
    lastUserText,
    toolNames: tools.map(toolName),
    hasToolResults,
    hasImages,
    hasNewImages,
    hasLinkedMedia,
    isStream: json['stream'] === true,
    maxTokens: asCount(json['max_completion_tokens']) ?? asCount(json['max_tokens']),
    textLength,
  }
}

/** Of a completion request: its prompt, as far as it is text. */
export function promptLength(json: Readonly<Record<string, unknown>>): number {
  const { prompt, input, query } = json
  return [prompt, input, query]
    .flat(2)
    .reduce<number>((sum, part) => sum + (typeof part === 'string' ? part.length : 1), 0)
}

function readContent(content: unknown): { text: string; hasImages: boolean; hasLinkedMedia: boolean } {
  if (typeof content === 'string') return { text: content, hasImages: false, hasLinkedMedia: false }
  let text = ''
  let hasImages = false
  let hasLinkedMedia = false
  for (const part of asArray(content)) {
    if (!isObject(part)) continue
    if (typeof part['text'] === 'string') text += part['text']
    hasImages ||= isImagePart(part)
    hasLinkedMedia ||= 'video_url' in part || 'audio_url' in part
  }
  return { text, hasImages, hasLinkedMedia }
}

/** Nesting of tens of thousands is read without trouble, but cannot be written. No schema is meant by it. */
function writtenLength(tools: readonly unknown[]): number {
  try {
    return JSON.stringify(tools).length
  } catch (error) {
    throw new LlmrError('invalid_request', 'Expected "tools" to be definitions of tools; they are nested too deeply.', {
      param: 'tools',
      cause: error,
    })
  }
}

function lengthOfCalls(calls: unknown): number {
  return asArray(calls).reduce<number>((sum, call) => {
    if (!isObject(call) || !isObject(call['function'])) return sum
    const { arguments: text } = call['function']
    return sum + (typeof text === 'string' ? text.length : 0)
  }, 0)
}

function toolName(tool: unknown): string {
  if (!isObject(tool)) return ''
  const inner = isObject(tool['function']) ? tool['function'] : tool
  return typeof inner['name'] === 'string' ? inner['name'] : ''
}

function roleOf(role: unknown): ChatRole {
  if (role === 'assistant' || role === 'tool') return role
  if (role === 'system' || role === 'developer') return 'system'
  return role === 'function' ? 'tool' : 'user'
}

function asArray(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

function asCount(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : undefined
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
