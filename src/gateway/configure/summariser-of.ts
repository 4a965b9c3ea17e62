import { askChat } from '../../backends/ask-chat.ts'
import type { Config } from '../../config/schema.ts'
import type { QuestionMessage } from '../../core/question.ts'
import { summaryTokensMax } from '../../memory/summaries/prompt.ts'
import { type OwnGateway, SideModel } from './side-model.ts'

/** A model that writes summaries. */
export interface Summariser {
  readonly model: string
  /** Bounded in time; rejects when there is no answer by then. */
  ask(messages: readonly QuestionMessage[]): Promise<string>
  /** Cuts calls in hand. May be called twice. */
  close(): Promise<void>
}

export type SummariesConfig = NonNullable<Config['memory']['summaries']>

/** The model that is configured. */
export function summariserOf(
  wanted: SummariesConfig,
  { config, ownGateway }: { readonly config: Config; readonly ownGateway: () => OwnGateway },
): Summariser {
  const { model, timeout: timeoutMs } = wanted
  const side = new SideModel({ wanted, config, ownGateway })
  return {
    model,
    async ask(messages) {
      const question = { model, messages, maxTokens: summaryTokensMax, temperature: 0 }
      return (await askChat(side.connection(), question, { timeoutMs })).text
    },
    close: () => side.close(),
  }
}
