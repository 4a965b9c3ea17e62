import type { Connection, UpstreamRequest } from '../../../backends/connection.ts'
import { type BackendFailure, failureFromError } from '../../../backends/failure.ts'
import type { ChatRequest } from '../../../core/chat/chat-request.ts'
import type { ReplyEnd } from '../../../dialects/openai/read-reply-end.ts'
import type { ReplyTranslation } from '../reply-translation.ts'
import type { ClientReply } from './client-reply.ts'
import { FollowUp } from './follow-up.ts'

export interface ReplyRoundsOptions {
  readonly translation: ReplyTranslation
  /** Gets what is said at once; absent where the reply goes out in one piece. */
  readonly client: ClientReply | undefined
  readonly count: (end: ReplyEnd) => void
  readonly connection: Connection
  readonly url: string
  readonly writeFollowUp: (ask: ChatRequest) => UpstreamRequest | Promise<UpstreamRequest>
  readonly onFollowUpFailed: (failure: BackendFailure) => void
}

/** Whoever asks has a bound of its own; this one is for whoever forgot. */
const followUpsMax = 16

/**
 * From the end of the engine's reply to the end of the client's: the same engine is asked for what the translation still
 * wants, by the same connection and in the same place, and what it says goes to the same voice. A question that fails ends
 * the reply as it stands.
 */
export class ReplyRounds {
  readonly #options: ReplyRoundsOptions
  #followUp: FollowUp | undefined
  #cancelled: Error | undefined
  /** What is left to say, where nothing goes out at once. */
  #said = ''

  constructor(options: ReplyRoundsOptions) {
    this.#options = options
  }

  /** What is left to say to the client. A promise only where something has to be waited for. */
  end(): string | Promise<string> {
    const { translation } = this.#options
    const { said, ask } = translation.endRound()
    if (ask !== undefined) return this.#askOn(said, ask)
    const last = translation.end()
    return typeof last === 'string' ? said + last : last.then((text) => said + text)
  }

  /** The client is gone: nothing more is asked, and what is being asked is cut. */
  cancel(reason: Error): void {
    this.#cancelled = reason
    this.#followUp?.cancel(reason)
  }

  async #askOn(first: string, question: ChatRequest): Promise<string> {
    const { translation, onFollowUpFailed } = this.#options
    let ask: ChatRequest | undefined = question
    this.#say(first)
    for (let asked = 0; ask !== undefined; asked++) {
      const failure = asked < followUpsMax ? await this.#ask(ask) : this.#failed(new Error('asked too often'))
      if (this.#cancelled !== undefined) return ''
      if (failure !== undefined) {
        onFollowUpFailed(failure)
        this.#say(translation.giveUp())
        break
      }
      const round = translation.endRound()
      this.#say(round.said)
      ;({ ask } = round)
    }
    return this.#said + (await translation.end())
  }

  /** @returns why there was no answer */
  async #ask(ask: ChatRequest): Promise<BackendFailure | undefined> {
    const { translation, client, connection, url, writeFollowUp, count } = this.#options
    try {
      const request = await writeFollowUp(ask)
      if (this.#cancelled !== undefined) return undefined
      const followUp = new FollowUp({
        connection,
        request,
        url,
        onChunk: (controller, chunk) => {
          const hasRoom = this.#say(translation.push(chunk))
          if (translation.isCut) return followUp.cutShort(new Error('the reply repeats itself'))
          if (hasRoom) return
          controller.pause()
          client?.onDrain(() => controller.resume())
        },
      })
      this.#followUp = followUp
      const outcome = await followUp.outcome
      if (this.#cancelled !== undefined) return undefined
      if (outcome.kind === 'failed') return outcome.failure
      if (outcome.kind === 'whole') this.#say(translation.pushWhole(outcome.body))
      count(outcome.end)
      return undefined
    } catch (error) {
      return this.#failed(error instanceof Error ? error : new Error(String(error)))
    }
  }

  /** False: the client takes no more at the moment. */
  #say(said: string): boolean {
    const { client } = this.#options
    if (client !== undefined) return client.write(said)
    this.#said += said
    return true
  }

  #failed(error: Error): BackendFailure {
    return failureFromError(error, { url: this.#options.url, hasReplyBegun: false })
  }
}
