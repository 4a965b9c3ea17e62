import type { ChatOutline } from '../core/chat/chat-outline.ts'
import { type Signature, backgroundSignatures } from './background-signatures.ts'

/** Clients say who the model is in the first lines of a system text that may have 80 KB. */
const systemLinesMax = 16
const systemLengthMax = 1_024

/** The first signature that a chat bears. Only for chats without tools: those are never background by their text. */
export function findSignature(outline: ChatOutline): Signature | undefined {
  const chat: ChatBeginnings = {
    outline,
    user: outline.lastUserText.trimStart(),
    systemLines: outline.systemText.slice(0, systemLengthMax).split('\n', systemLinesMax),
    isSingleMessage: hasSingleMessage(outline),
  }
  return backgroundSignatures.find((signature) => holds(signature, chat))
}

interface ChatBeginnings {
  readonly outline: ChatOutline
  readonly user: string
  readonly systemLines: readonly string[]
  readonly isSingleMessage: boolean
}

function holds(signature: Signature, { outline, user, systemLines, isSingleMessage }: ChatBeginnings): boolean {
  const { userBegins, userHoldsOneOf, userNeverHolds, userLengthMax, systemLine, maxTokensAtMost } = signature
  if (userBegins !== undefined && !user.startsWith(userBegins)) return false
  if (systemLine !== undefined && !systemLines.some((line) => line.startsWith(systemLine))) return false
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
