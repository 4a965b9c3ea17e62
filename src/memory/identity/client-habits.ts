/**
 * Whether clients that name their conversations in this way send the whole of it each time, as far as the name of the key
 * says. Then a request that shows nothing earlier is at a root, and no answer to the last reply.
 */
export function clientSendsHistory(source: string): boolean {
  return whole.has(source)
}

/** Kinds of keys as `routing/session-identity.ts` names them: coding agents, and pages that keep their chats themselves. */
const whole: ReadonlySet<string> = new Set([
  'claude',
  'claude-agent',
  'thread',
  'session',
  'metadata',
  'openwebui',
  'conversation',
])
