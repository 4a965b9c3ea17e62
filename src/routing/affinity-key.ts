import type { ChatOutline } from '../core/chat/chat-outline.ts'
import type { Classification } from './classify-request.ts'
import { type SessionClaims, sessionIdentity } from './session-identity.ts'

export interface AffinityInput {
  readonly claims: SessionClaims
  readonly outline?: ChatOutline
  readonly classification: Pick<Classification, 'backgroundTask' | 'carriesConversation'>
}

/**
 * What requests that share a prompt's beginning have in common, so that they can go where it is cached: the session, the
 * agent within it and a hash of what stands first in the prompt. One session id is not one prompt: titles, subagents and
 * the chat itself share it.
 *
 * Without a session id the hash alone, which keeps the chats of one client together as long as there is room: their
 * shared instructions are what is worth finding again. `undefined` when there is nothing to hold on to.
 */
export function affinityKey({ claims, outline, classification }: AffinityInput): string | undefined {
  const { backgroundTask, carriesConversation } = classification
  // Renders its excerpt into a template: its own kind is all it shares a beginning with, and the chat's slot is not its.
  if (backgroundTask !== undefined && !carriesConversation) return `background:${backgroundTask}`

  const prefix = prefixHash(outline)
  const identity = sessionIdentity(claims)
  if (!identity) return prefix && `prefix:${prefix}`
  return [identity.session, identity.agent ?? '', prefix ?? ''].join('|')
}

/** Clients put who the model is first and what changes, such as the time, last. */
const hashedLengthMax = 2_048

/** Of the system text and the names of the tools; `undefined` when a chat has neither. */
function prefixHash(outline: ChatOutline | undefined): string | undefined {
  if (!outline || (outline.systemText === '' && outline.toolNames.length === 0)) return undefined
  let value = hash(stableBeginning(outline.systemText))
  for (const name of outline.toolNames) value = hash(name, value)
  return (value >>> 0).toString(36)
}

const billingLine = 'x-anthropic-billing-header:'

/** Claude Code begins with a line that differs from build to build, and in some builds from request to request. */
function stableBeginning(systemText: string): string {
  if (!systemText.startsWith(billingLine)) return systemText.slice(0, hashedLengthMax)
  const end = systemText.indexOf('\n')
  return end === -1 ? '' : systemText.slice(end + 1, end + 1 + hashedLengthMax)
}

/** FNV-1a over UTF-16: cheap, and a collision does no more than put two chats on one backend. */
function hash(text: string, start = 0x811c9dc5): number {
  let value = Math.imul(start ^ text.length, 0x01000193)
  for (let at = 0; at < text.length; at++) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193)
  return value
}
