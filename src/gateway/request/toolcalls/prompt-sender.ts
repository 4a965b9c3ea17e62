import type { UpstreamRequest } from '../../../backends/connection.ts'
import { openApi } from '../../../backends/describe-backend.ts'
import { malformedReply } from '../../../backends/failure.ts'
import type { PromptedChat } from '../../../backends/tools/prompted-chat.ts'
import type { CallConstraint } from '../../../core/call-constraint.ts'
import type { ToolFacts } from '../../../core/tool-facts.ts'
import type { ReplyFormat } from '../../../toolcalls/formats/reply-format.ts'
import { markersOf } from '../../../toolcalls/lane/markers-of.ts'
import { replyStartOf } from '../../../toolcalls/lane/reply-start-of.ts'
import type { ReplyStart } from '../../../toolcalls/parse/start-state.ts'
import { upstreamChat, upstreamHeaders, type UpstreamParts } from '../upstream-request.ts'

export interface PromptSenderParts extends Omit<UpstreamParts, 'intake'> {
  readonly prompted: PromptedChat
  readonly format: ReplyFormat
  readonly facts: Pick<ToolFacts, 'generationPrompt'>
  /** Made for each prompt, since it depends on whether the prompt ends within a thought. */
  readonly constrain: (start: ReplyStart) => CallConstraint | undefined
}

/** Makes prompts of chats, and remembers where the reply to the last of them begins. Owned by one attempt. */
export class PromptSender {
  readonly #parts: PromptSenderParts
  #start: ReplyStart = { state: 'text', prefix: '' }
  #constraint: CallConstraint | undefined

  constructor(parts: PromptSenderParts) {
    this.#parts = parts
  }

  get start(): ReplyStart {
    return this.#start
  }

  /** What the last prompt was sent with. */
  get constraint(): CallConstraint | undefined {
    return this.#constraint
  }

  /**
   * Bounded as a first byte is: a router in front of several models may have to load this one for it.
   *
   * @throws BackendFailure when the engine makes no prompt of it; the signal's reason when nobody waits for it
   */
  async write(intake: UpstreamParts['intake'], signal?: AbortSignal): Promise<UpstreamRequest> {
    const { exchange, backend, prompted, format, facts, constrain, parts } = this.#parts
    const chat = upstreamChat({ ...this.#parts, intake })
    const api = openApi(backend.connection, { timeoutMs: backend.firstByteTimeoutMs, signal })
    const prompt = await prompted.render(api, chat)
    const url = backend.settings.url + prompted.path
    if (prompt === undefined) throw malformedReply(url, `${url} made no prompt of a chat.`)
    const messages = intake.chat?.request.messages ?? []
    this.#start = replyStartOf(format, { prompt, messages, generationPrompt: facts.generationPrompt })
    this.#constraint = constrain(this.#start)
    const body = prompted.write(chat, { prompt, markers: markersOf(format), constraint: this.#constraint })
    return {
      method: 'POST',
      path: prompted.path,
      headers: upstreamHeaders(exchange, intake, backend, parts.instanceId),
      body: Buffer.from(JSON.stringify(body)),
    }
  }
}
