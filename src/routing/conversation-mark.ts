import { createHash } from 'node:crypto'

import { type SessionClaims, sessionIdentity } from './session-identity.ts'

export interface MarkedRequest {
  readonly principal: string
  readonly claims: SessionClaims
  /** The client's body, in whatever dialect. */
  readonly json: Readonly<Record<string, unknown>>
}

/**
 * Tells the turns of one conversation from those of others, as far as the requests themselves do: by what all of them
 * begin with, and by the session that the client names. Branches of one conversation have one mark, as have two that begin
 * alike: whoever uses it must be able to live with that.
 *
 * @returns undefined for a request that is no conversation.
 */
export function conversationMark({ principal, claims, json }: MarkedRequest): string | undefined {
  const beginning = beginningOf(json)
  if (beginning === undefined) return undefined
  const identity = sessionIdentity(claims)
  const hash = createHash('sha256')
  for (const part of [principal, identity?.session ?? '', identity?.agent ?? '', beginning]) {
    hash.update(`${part.length}:`).update(part)
  }
  return hash.digest('base64url')
}

/** Enough to tell two apart; what is said later does not belong to it. */
const beginningLengthMax = 4_096

/** Up to the first thing that the user said: from there on a conversation only grows. */
function beginningOf({ messages, prompt, input }: MarkedRequest['json']): string | undefined {
  const list = [messages, input].find((candidate) => Array.isArray(candidate))
  if (list !== undefined) {
    const first = list.find(isOfUser)
    return first === undefined ? undefined : shortened(first.content)
  }
  const text = prompt ?? input
  return typeof text === 'string' && text !== '' ? shortened(text) : undefined
}

function isOfUser(message: unknown): message is { readonly role: 'user'; readonly content: unknown } {
  return (
    typeof message === 'object' && message !== null && 'content' in message && Reflect.get(message, 'role') === 'user'
  )
}

function shortened(content: unknown): string {
  return (typeof content === 'string' ? content : (JSON.stringify(content) ?? '')).slice(0, beginningLengthMax)
}
