import type { Capabilities } from './model.ts'

/** A model as clients are shown it that ask what there is and how it stands, whatever dialect they ask in. */
export interface ShownModel {
  readonly id: string
  /** Tokens that one request may use; absent: nobody says. */
  readonly contextLength?: number
  readonly capabilities: Capabilities
  readonly isLoaded: boolean
  /** Requests at work, and worked on at once. */
  readonly running: number
  readonly slots: number
  /** Milliseconds without a request after which it is unloaded; absent: never. */
  readonly ttlMs?: number
}

/** Only that: an engine may embed with a model that chats as well. */
export function isEmbedder({ capabilities }: ShownModel): boolean {
  const { chat, completion, tools, embedding } = capabilities
  return embedding === true && chat !== true && completion !== true && tools !== true
}
