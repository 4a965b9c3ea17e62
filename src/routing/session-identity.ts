/** What a client says about which conversation a request belongs to; nothing here is ever trusted, only compared. */
export interface SessionClaims {
  /** Names in lower case, as Node gives them. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly previousResponseId?: string
  readonly promptCacheKey?: string
  /** `metadata.user_id` of the Anthropic dialect, which holds a session id in one of two spellings. */
  readonly metadataUserId?: string
  /** `litellm_session_id` or `metadata.session_id`, which clients of other gateways send. */
  readonly sessionId?: string
  /** The `user` field: often a person and not a chat, so it counts last. */
  readonly user?: string
}

export interface SessionIdentity {
  /** The id with what said it in front, so that two clients with the same id stay apart. */
  readonly session: string
  /** One session may hold many agents, each with a prompt of its own. */
  readonly agent?: string
}

/** Ids are text that clients choose; no real one is longer. */
const idLengthMax = 256

/** The first of these that a request carries is its session. Our own header wins, a deliberate one beats a by-product. */
const sources: readonly { readonly name: string; readonly read: (claims: SessionClaims) => string | undefined }[] = [
  { name: 'llmr', read: header('x-llmr-conversation') },
  { name: 'claude', read: header('x-claude-code-session-id') },
  { name: 'thread', read: header('thread-id') },
  { name: 'session', read: header('session-id') },
  { name: 'session', read: header('x-session-id') },
  { name: 'session', read: header('session_id') },
  { name: 'openwebui', read: header('x-openwebui-chat-id') },
  // llama.cpp's web page appends `::model`.
  { name: 'conversation', read: (claims) => header('x-conversation-id')(claims)?.replace(/::.*$/s, '') },
  { name: 'helicone', read: header('helicone-session-id') },
  { name: 'litellm', read: ({ sessionId }) => sessionId },
  { name: 'response', read: ({ previousResponseId }) => previousResponseId },
  { name: 'cache', read: ({ promptCacheKey }) => promptCacheKey },
  { name: 'metadata', read: ({ metadataUserId }) => sessionOfUserId(metadataUserId) },
  { name: 'user', read: ({ user }) => user },
]

/** Who a request says it belongs to. `x-client-request-id` is no part of it: some clients repeat it, some do not. */
export function sessionIdentity(claims: SessionClaims): SessionIdentity | undefined {
  for (const { name, read } of sources) {
    const id = read(claims)?.trim().slice(0, idLengthMax)
    if (id) return { session: `${name}:${id}`, agent: header('x-claude-code-agent-id')(claims)?.slice(0, idLengthMax) }
  }
  return undefined
}

/** Empty is absent: templates that have nothing to fill in send an empty value. */
function header(name: string): (claims: SessionClaims) => string | undefined {
  return ({ headers }) => {
    const value = headers[name]
    return (typeof value === 'string' ? value : value?.[0]) || undefined
  }
}

/** Newer builds send JSON with a `session_id`, older ones end in `_session_…`. */
function sessionOfUserId(userId: string | undefined): string | undefined {
  if (userId === undefined || userId.length > 2_048) return undefined
  if (!userId.startsWith('{')) return /_session_([^_]+)$/.exec(userId)?.[1]
  try {
    const value: unknown = JSON.parse(userId)
    const id = typeof value === 'object' && value !== null && 'session_id' in value ? value.session_id : undefined
    return typeof id === 'string' ? id : undefined
  } catch {
    return undefined // A user id that happens to begin with a brace.
  }
}
