import type { CallTrigger } from '../../core/call-constraint.ts'

/**
 * How one family of models writes its reply: a row of data. Two rows may share a marker; the first that can read what
 * follows it wins.
 */
export interface ReplyFormat {
  readonly id: string
  readonly reasoning?: ReasoningRow
  readonly calls: readonly CallRow[]
  /** What weak models of the family write instead: never asked for, and believed only of tools that were offered. */
  readonly readsAlso?: readonly CallRow[]
  /** Wrappers around calls: they vanish if a call follows, as does anything between them that is no call. */
  readonly sections?: readonly { readonly open: string; readonly close: string }[]
  /** Markers with which the prompt may end, and which belong to the reply. */
  readonly promptMarkers?: readonly string[]
  /** Markers of turns and of final answers that mean nothing to a reader. */
  readonly silent?: readonly string[]
  /** The whole reply is made of messages with headers; then the other fields describe nothing. */
  readonly channels?: ChannelRow
}

export interface ReasoningRow {
  /** Markers that open it; the first is the one templates write. */
  readonly open: readonly string[]
  /** Markers that close it and vanish. */
  readonly close: readonly string[]
  /** Markers that close it and then mean what they mean outside. */
  readonly closeBefore?: readonly string[]
  /** Said after the opening marker by some models, and no part of the thought. */
  readonly label?: string
  /** Where a reply begins if the prompt says nothing. `unknown`: text waits until a marker tells. */
  readonly start: StartState
  /** A call that parses ends the reasoning, even without a closing marker. */
  readonly endsAtCall?: boolean
  /** The family thinks even where its template does not name the markers. */
  readonly isInEveryTemplate?: boolean
  /** Only a reply that begins with the opening marker holds reasoning; later ones are text. */
  readonly isOnlyFirst?: boolean
}

export type StartState = 'text' | 'reasoning' | 'unknown'

export type CallRow =
  | WrappedJsonRow
  | NamedJsonRow
  | TaggedRow
  | NestedTagsRow
  | ExpressionRow
  | BareJsonRow
  | BareExpressionRow

/** A marker, then JSON objects or an array of them, then perhaps a marker. */
export interface WrappedJsonRow {
  readonly grammar: 'wrapped-json'
  readonly open: readonly string[]
  readonly close: readonly string[]
  /** `{"the_name": {…}}` instead of a member for each. */
  readonly isNameTheKey?: boolean
  /** A few words may stand before the array. */
  readonly skipsNoise?: boolean
  /** Names that mean "no tool": the call is text's end, nothing more. */
  readonly pseudoTools?: readonly string[]
}

/** A marker, the name, a separator, the arguments as JSON, then perhaps a marker. */
export interface NamedJsonRow {
  readonly grammar: 'named-json'
  readonly open: readonly string[]
  /** What may end the name, beside the JSON itself. */
  readonly nameEnd: readonly string[]
  /** An id may stand between this marker and the next separator. */
  readonly idMarker?: string
  readonly close: readonly string[]
  /** The tool of this name takes code as it is, as its argument `code`. */
  readonly codeTool?: string
  /** The name stands in `functions.NAME:INDEX`. */
  readonly isNumbered?: boolean
  /** The marker is one token and never text; a name alone at the end is an unfinished call, and not shown. */
  readonly hidesMarker?: boolean
}

/** The name and each argument in tags, values as plain text. */
export interface TaggedRow {
  readonly grammar: 'tagged'
  readonly open: readonly string[]
  /** Nothing says that the model was taught to write so. */
  readonly isGuess?: boolean
  /** `line`: the name ends at a line break or the first argument. `plain`: at `headerEnd`. `attributes`: `name="…"`. */
  readonly header: 'line' | 'plain' | 'attributes'
  readonly headerEnd: readonly string[]
  readonly parameter: ParameterRow
  readonly close: readonly string[]
}

export interface ParameterRow {
  readonly open: readonly string[]
  readonly header: 'plain' | 'attributes'
  readonly headerEnd: readonly string[]
  /** Between the key and its value, in formats that tag both. */
  readonly valueOpen?: string
  readonly close: readonly string[]
  /** What ends a value whose closing tag was forgotten; it is not taken. */
  readonly closeBefore?: readonly string[]
  /** One line break at each end of a value belongs to the tags. */
  readonly trimsLineBreaks?: boolean
}

/** Each argument in a tag of its own name, objects as nested tags, each tag announced by one token. */
export interface NestedTagsRow {
  readonly grammar: 'nested-tags'
  readonly open: readonly string[]
  readonly announce: string
  readonly close: string
}

/** Calls as expressions: `name(a=1)`, in brackets or line by line; or `name{a:1}` with strings in raw quotes. */
export interface ExpressionRow {
  readonly grammar: 'expression'
  readonly open: readonly string[]
  readonly style: 'python' | 'braces'
  readonly rawQuote?: string
  readonly close: readonly string[]
}

/** JSON without a marker. Believed only if it names a tool that was offered. */
export interface BareJsonRow {
  readonly grammar: 'bare-json'
  readonly open: readonly string[]
  /** `start`: nothing but white space may stand before. */
  readonly at: 'start' | 'anywhere'
}

/** `[name(…)]` without a marker. Believed only if it names a tool that was offered. */
export interface BareExpressionRow {
  readonly grammar: 'bare-expression'
  readonly open: readonly string[]
  readonly at: 'start' | 'anywhere'
}

/** A reply of messages: header, body, end. */
export interface ChannelRow {
  /** Begins a header. */
  readonly open: readonly string[]
  /** Ends a header; which of them may say what the body is. */
  readonly headerEnd: readonly string[]
  readonly bodyEnd: readonly string[]
  /** Where calls are left in the text to be read by others, so are these ends of messages. */
  readonly keptEnds?: readonly string[]
  /** Between messages, and nothing to read. */
  readonly silent?: readonly string[]
  /** The reply begins within a header if it begins with one of these; the prompt has written the header's start. */
  readonly headerStart: readonly string[]
  /** Where thoughts are kept in the text, their markers are not. */
  readonly hidesMarkers?: boolean
  readonly bodyOf: (header: string, headerEnd: string) => ChannelBody
  /** How a message that is a call is written, for engines that hold replies to a grammar. */
  readonly calls: ChannelCalls
}

export interface ChannelCalls {
  readonly ways: readonly ChannelWay[]
  /** Where the reply has to be a call; the usual ones otherwise. */
  readonly forcedWays?: readonly ChannelWay[]
  readonly body: ChannelCallBody
  readonly close: string
  /** What begins such a message. The ways allow whatever these may have seen. */
  readonly triggers: readonly CallTrigger[]
  /** A thought that may come before the call, and what stands between it and the call's header. */
  readonly thought: { readonly open: string; readonly close: string; readonly next: string }
}

export interface ChannelWay {
  /** Up to the recipient. */
  readonly before: string
  readonly recipient: 'tool' | 'any' | 'none'
  /** From there to the body, one of these. */
  readonly after: readonly string[]
}

export type ChannelCallBody =
  /** JSON, for the tool that is the recipient. */
  | { readonly kind: 'arguments' }
  /** JSON that names the call, under these keys. */
  | { readonly kind: 'call'; readonly names: readonly string[]; readonly arguments: readonly string[] }
  | { readonly kind: 'calls'; readonly format: ReplyFormat | undefined }

export type ChannelBody =
  | { readonly kind: 'text' | 'reasoning' | 'nothing' }
  /** JSON of the arguments, for a call of this name. */
  | { readonly kind: 'arguments'; readonly name: string; readonly isOnlyOffered: boolean }
  /** JSON that names the call. */
  | { readonly kind: 'call' }
  /** Call markup of another format. */
  | { readonly kind: 'calls'; readonly format: ReplyFormat }
