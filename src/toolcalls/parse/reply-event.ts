import type { ReplyPart } from '../../core/chat/reply-part.ts'

type Part<Type extends ReplyPart['type']> = Extract<ReplyPart, { readonly type: Type }>

/**
 * What the parser makes of a model's text, in order: parts of a reply. A call comes whole: its arguments are sent once the
 * model has closed them, because half a call cannot be taken back and half a file written is worse than another try.
 */
export type ReplyEvent =
  | Part<'text'>
  | Part<'reasoning'>
  /** The id is minted and unique; `sourceId` is what the model itself called it, where it did. */
  | (Part<'call-start'> & { readonly sourceId?: string })
  | Part<'call-arguments'>

/** A call as read, before it has an id. */
export interface CallDraft {
  readonly name: string
  /** JSON of an object: the model's own text where that is valid, so that long integers keep their digits. */
  readonly argumentsText: string
  readonly sourceId?: string
}
