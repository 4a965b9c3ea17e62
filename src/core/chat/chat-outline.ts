/**
 * What routing needs to know of a chat request, whatever dialect carried it. Made once by the dialect from the parsed
 * body; small, so that it may be kept while the body itself is already on its way.
 */
export interface ChatOutline {
  readonly roles: readonly ChatRole[]
  /** All system and developer text, joined by line breaks. */
  readonly systemText: string
  /** Text of the last user message, `''` when there is none. */
  readonly lastUserText: string
  /** Names of the tools offered. */
  readonly toolNames: readonly string[]
  readonly hasToolResults: boolean
  readonly hasImages: boolean
  /** The user's, behind the last message of the assistant: the request is about them. Others are remembered, or a tool's. */
  readonly hasNewImages?: boolean
  /** Sound or film, of which only the address was sent. */
  readonly hasLinkedMedia?: boolean
  readonly isStream: boolean
  /** Tokens the client wants at most in reply. */
  readonly maxTokens?: number
  /** UTF-16 length of all text, tools included: the base of a token estimate. */
  readonly textLength: number
}

export type ChatRole = 'system' | 'user' | 'assistant' | 'tool'
