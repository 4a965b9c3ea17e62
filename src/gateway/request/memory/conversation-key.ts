import type { ConversationKey } from '../../../core/conversation-claims.ts'
import { textAt } from '../../../core/foreign-json.ts'
import type { Exchange } from '../../../http/exchange.ts'
import { sessionIdentity } from '../../../routing/session-identity.ts'
import type { Intake } from '../intake.ts'

/** The conversation as its client names it; absent where it names none, or in a way that no id is. */
export function conversationKey(
  { request: { headers } }: Pick<Exchange, 'request'>,
  { request: { json } }: Pick<Intake, 'request'>,
): ConversationKey | undefined {
  // Cache keys and users are no part of it: some clients send one of them in all their chats.
  const identity = sessionIdentity({
    headers,
    metadataUserId: textAt(json, 'metadata', 'user_id'),
    sessionId: textAt(json, 'litellm_session_id') ?? textAt(json, 'metadata', 'session_id'),
  })
  if (identity === undefined) return undefined
  const { session, agent } = identity
  const source = session.slice(0, session.indexOf(':'))
  const id = session.slice(source.length + 1)
  if (!/^[\x20-\x7e]{1,256}$/.test(id + (agent ?? ''))) return undefined
  if (agent === undefined) return { source, key: id }
  // Agents of one session begin alike, and are conversations of their own.
  return { source: `${source}-agent`, key: `${encodeURIComponent(id)}/${encodeURIComponent(agent)}` }
}
