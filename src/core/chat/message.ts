/**
 * One entry of a conversation, whatever dialect carried it. System texts stand where the client put them: what an engine
 * cannot take there is moved when the request is written for that engine, not before.
 */
export type Message = SystemMessage | UserMessage | AssistantMessage | ToolMessage

export interface SystemMessage {
  readonly role: 'system'
  readonly parts: readonly TextPart[]
}

export interface UserMessage {
  readonly role: 'user'
  readonly parts: readonly UserPart[]
  /** Who of several users speaks. */
  readonly name?: string
}

export interface AssistantMessage {
  readonly role: 'assistant'
  readonly parts: readonly AssistantPart[]
}

/** What a tool gave back. */
export interface ToolMessage {
  readonly role: 'tool'
  readonly callId: string
  /** The tool's name, in dialects that repeat it. */
  readonly name?: string
  readonly parts: readonly ResultPart[]
  readonly isError?: boolean
}

export type UserPart = TextPart | ImagePart | AudioPart | FilePart
export type AssistantPart = TextPart | ReasoningPart | ToolCallPart | RefusalPart
export type ResultPart = TextPart | ImagePart | FilePart

export interface TextPart {
  readonly type: 'text'
  readonly text: string
}

export interface ImagePart {
  readonly type: 'image'
  readonly source: MediaSource
  /** How closely to look: `low`, `high` or `auto`. */
  readonly detail?: string
}

export interface AudioPart {
  readonly type: 'audio'
  /** Base64. */
  readonly data: string
  /** `wav`, `mp3`… */
  readonly format: string
}

export interface FilePart {
  readonly type: 'file'
  readonly source: MediaSource | { readonly kind: 'text'; readonly text: string }
  readonly name?: string
}

export type MediaSource = Base64Source | { readonly kind: 'url'; readonly url: string }

export interface Base64Source {
  readonly kind: 'base64'
  readonly mediaType: string
  readonly data: string
}

export interface ReasoningPart {
  readonly type: 'reasoning'
  readonly text: string
  /** Opaque proof of who thought it; only its maker can read it, so it travels unchanged. */
  readonly signature?: string
}

export interface ToolCallPart {
  readonly type: 'tool-call'
  readonly id: string
  readonly name: string
  /** JSON as the model wrote it; not necessarily valid. For a `custom` tool the plain text. */
  readonly argumentsText: string
}

export interface RefusalPart {
  readonly type: 'refusal'
  readonly text: string
}

/** All text of a message, joined as it stands. */
export function textOf(parts: readonly { readonly type: string; readonly text?: string }[]): string {
  return parts.map((part) => (part.type === 'text' ? (part.text ?? '') : '')).join('')
}
