import type { FailureCause } from '../core/backend.ts'
import type { UpstreamHeaders } from './upstream-handler.ts'
import { type ContextOverflow, readContextOverflow } from './context-overflow.ts'
import { engineMessage } from './engine-message.ts'
import { maskExcerpt } from './mask-excerpt.ts'
import { explainNetworkError } from './network-cause.ts'
import { explainStatus } from './status-cause.ts'

export interface FailureFacts {
  /** The address asked, path included. */
  readonly url: string
  readonly status?: number
  /** The first 500 characters of the engine's reply, request text and secrets masked. May be logged. */
  readonly excerpt?: string
  /** What the engine itself said, unmasked: for whoever sent the request, never for a log. */
  readonly engineMessage?: string
  /** Whole seconds after which the engine itself says a repeat may succeed. */
  readonly retryAfterSeconds?: number
  /** Present when the prompt did not fit into the model's context. */
  readonly overflow?: ContextOverflow
  /** The error code of Node or the HTTP client. */
  readonly code?: string
  readonly cause?: unknown
}

/** Why a backend did not serve a request: a class for programs, a sentence with the probable reason for people. */
export class BackendFailure extends Error {
  override readonly name = 'BackendFailure'
  readonly causeClass: FailureCause
  readonly url: string
  readonly status: number | undefined
  readonly excerpt: string | undefined
  readonly engineMessage: string | undefined
  readonly retryAfterSeconds: number | undefined
  readonly overflow: ContextOverflow | undefined
  readonly code: string | undefined

  constructor(causeClass: FailureCause, message: string, facts: FailureFacts) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause })
    this.causeClass = causeClass
    this.url = facts.url
    this.status = facts.status
    this.excerpt = facts.excerpt
    this.engineMessage = facts.engineMessage
    this.retryAfterSeconds = facts.retryAfterSeconds
    this.overflow = facts.overflow
    this.code = facts.code
  }
}

/** What the connection's error means. `hasReplyBegun`: bytes of the reply's body have already arrived. */
export function failureFromError(
  error: Error,
  { url, hasReplyBegun }: { readonly url: string; readonly hasReplyBegun: boolean },
): BackendFailure {
  const { causeClass, message, code } = explainNetworkError(error, { url, hasReplyBegun })
  return new BackendFailure(causeClass, message, { url, cause: error, ...(code !== undefined && { code }) })
}

export interface StatusReply {
  readonly url: string
  /** 300 and more. */
  readonly status: number
  readonly headers: UpstreamHeaders
  /** The reply's body, whole or its first few KiB. */
  readonly bodyText: string
  /** The body that was sent: runs of its text are masked in what may be logged. */
  readonly requestText?: string
  /** Keys and passwords that must not be logged, beside those that look like one. */
  readonly secrets?: readonly string[]
}

/** What a reply means that is not a success. */
export function failureFromStatus(reply: StatusReply): BackendFailure {
  const { url, status, headers, bodyText, requestText, secrets } = reply
  const said = engineMessage(bodyText)
  const overflow = readContextOverflow({ status, bodyText, message: said })
  const retryAfterSeconds = readRetryAfter(headers)
  const mask = (text: string): string => maskExcerpt({ text, requestText: requestText ?? '', secrets: secrets ?? [] })
  const { causeClass, message } = explainStatus({
    url,
    status,
    said,
    shown: mask(said),
    isOverflow: overflow !== undefined,
    // Of an address only what tells where it leads; a query may hold what was asked.
    location: mask(headerText(headers, 'location').replace(/\?.*$/, '')),
  })
  return new BackendFailure(causeClass, message, {
    url,
    status,
    excerpt: mask(bodyText),
    ...(said !== '' && { engineMessage: said }),
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
    ...(overflow !== undefined && { overflow }),
  })
}

/** For a reply of a successful status that cannot be used. The sentence says what was expected and what came. */
export function malformedReply(url: string, message: string, excerpt?: string): BackendFailure {
  return new BackendFailure('malformed', message, { url, ...(excerpt !== undefined && { excerpt }) })
}

/** Seconds, milliseconds or a date; a date is read against the reply's own, so that clocks need not agree. */
function readRetryAfter(headers: UpstreamHeaders): number | undefined {
  const milliseconds = Number.parseFloat(headerText(headers, 'retry-after-ms'))
  if (milliseconds >= 0) return Math.ceil(milliseconds / 1000)
  const text = headerText(headers, 'retry-after')
  const seconds = Number.parseFloat(text)
  if (seconds >= 0) return Math.ceil(seconds)
  const wait = Date.parse(text) - Date.parse(headerText(headers, 'date'))
  return wait >= 0 ? Math.ceil(wait / 1000) : undefined
}

function headerText(headers: UpstreamHeaders, name: string): string {
  const value = headers[name]
  return (Array.isArray(value) ? value[0] : value) ?? ''
}
