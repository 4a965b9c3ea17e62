import { conversationMark } from '../../routing/conversation-mark.ts'
import type { SessionClaims } from '../../routing/session-identity.ts'
import type { Intake } from './intake.ts'

export interface ConversationSource {
  readonly principal: string
  readonly headers: SessionClaims['headers']
  readonly intake: Pick<Intake, 'chat' | 'request'>
}

/**
 * Which conversation a request belongs to. Of a chat that is translated the neutral words count: a client may send only
 * what is new, and what it says beside its words may change from turn to turn.
 */
export function conversationOf({ principal, headers, intake }: ConversationSource): string | undefined {
  const { chat, request } = intake
  const messages = chat?.request.messages.map(({ role, parts: content }) => ({ role, content }))
  const json = messages === undefined ? request.json : { messages }
  return json && conversationMark({ principal, claims: { headers }, json })
}
