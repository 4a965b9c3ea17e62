import type { ChatOutline } from '../core/chat-outline.ts'
import { type Signature, backgroundSignatures } from './background-signatures.ts'

/** How much of the system text is searched: clients put who the model is first, and a prompt of 80 KB is common. */
const systemSearchMax = 1_024

/** The first signature that a chat bears. Only for chats without tools: those are never background by their text. */
export function findSignature(outline: ChatOutline): Signature | undefined {
  const chat: ChatBeginnings = {
    outline,
    user: outline.lastUserText.trimStart(),
    system: outline.systemText.slice(0, systemSearchMax),
    isSingleMessage: hasSingleMessage(outline),
  }
  return backgroundSignatures.find((signature) => holds(signature, chat))
}

interface ChatBeginnings {
  readonly outline: ChatOutline
  readonly user: string
  readonly system: string
  readonly isSingleMessage: boolean
}

function holds(signature: Signature, { outline, user, system, isSingleMessage }: ChatBeginnings): boolean {
  const { userBegins, userHoldsOneOf, userNeverHolds, userLengthMax, systemHolds, maxTokensAtMost } = signature
  if (userBegins !== undefined && !user.startsWith(userBegins)) return false
  if (systemHolds !== undefined && !system.includes(systemHolds)) return false
  if (signature.isSingleMessage && !isSingleMessage) return false
  if (signature.isStream === false && outline.isStream) return false
  if (userLengthMax !== undefined && user.length > userLengthMax) return false
  if (maxTokensAtMost !== undefined && (outline.maxTokens ?? Infinity) > maxTokensAtMost) return false
  if (userHoldsOneOf && !userHoldsOneOf.some((text) => user.includes(text))) return false
  return !userNeverHolds?.some((text) => user.includes(text))
}

function hasSingleMessage({ roles }: ChatOutline): boolean {
  return roles.filter((role) => role !== 'system').length === 1 && roles.includes('user')
}
