/**
 * What the parser makes of a model's text, in order. A call comes whole: its arguments are sent once the model has closed
 * them, because half a call cannot be taken back and half a file written is worse than another try.
 */
export type ReplyEvent =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'reasoning'; readonly text: string }
  /** `call` counts from 0; `id` is minted and unique, `sourceId` is what the model itself called it, where it did. */
  | {
      readonly type: 'call-start'
      readonly call: number
      readonly id: string
      readonly name: string
      readonly sourceId?: string
    }
  | { readonly type: 'call-arguments'; readonly call: number; readonly text: string }

/** A call as read, before it has an id. */
export interface CallDraft {
  readonly name: string
  /** JSON of an object: the model's own text where that is valid, so that long integers keep their digits. */
  readonly argumentsText: string
  readonly sourceId?: string
}
