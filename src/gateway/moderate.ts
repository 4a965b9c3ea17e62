import { askChat } from '../backends/ask-chat.ts'
import { LlmrError } from '../core/error.ts'
import { readGuardVerdict, readModerationInput, writeModeration } from '../dialects/openai/moderation.ts'
import type { Exchange } from '../http/exchange.ts'
import type { BackendRuntime } from './backend-runtime.ts'
import type { Intake } from './intake.ts'

/** A guard answers in a line; one that talks is no guard. */
const verdictTokensMax = 64
const verdictTimeoutMs = 60_000

/**
 * Judges texts by a guard model that answers in chat, one text after the other, and answers as a moderation endpoint
 * does.
 *
 * @throws LlmrError `backend_failed` when the model's answer is no verdict: silence must not pass for consent
 */
export async function moderateByChat(
  exchange: Exchange,
  intake: Intake,
  guard: { readonly name: string; readonly model: string; readonly backend: BackendRuntime },
): Promise<void> {
  const { record } = exchange
  const cancel = new AbortController()
  exchange.onClientGone(() => cancel.abort(new Error('the client is gone')))
  record.backend = guard.backend.settings.name
  record.model = guard.model
  const verdicts = []
  for (const text of readModerationInput(intake.request.json ?? {})) {
    const reply = await askChat(
      guard.backend.connection,
      {
        model: guard.model,
        messages: [{ role: 'user', content: text }],
        maxTokens: verdictTokensMax,
        temperature: 0,
      },
      { timeoutMs: verdictTimeoutMs, signal: cancel.signal },
    )
    const verdict = readGuardVerdict(reply.text)
    if (verdict === undefined) {
      throw new LlmrError(
        'backend_failed',
        `Expected "${guard.name}" to answer safe or unsafe, as guard models do; it said something else. ` +
          'Name a guard model, or set moderates_by: endpoint.',
      )
    }
    verdicts.push(verdict)
  }
  exchange.replyJson(200, writeModeration({ requestId: record.requestId, model: guard.name, verdicts }))
}
