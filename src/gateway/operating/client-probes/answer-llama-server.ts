import { writeProps, writeSlots } from '../../../dialects/llama-server/write-props.ts'
import type { Exchange } from '../../../http/exchange.ts'
import type { LlamaServerWish } from '../../../http/routes/purpose.ts'
import { type ProbeParts, shownModel } from './shown-models.ts'

/** What llama-server would say of itself, for the model named in the query or the one that would serve. @throws LlmrError */
export function answerLlamaServer(
  exchange: Exchange,
  wish: LlamaServerWish,
  parts: ProbeParts & { readonly version: string },
): void {
  const { version } = parts
  const model = () => shownModel(exchange, new URLSearchParams(exchange.query).get('model') || undefined, parts)
  switch (wish) {
    case 'props':
      exchange.replyJson(200, writeProps(model(), version))
      return
    case 'slots':
      exchange.replyJson(200, writeSlots(model()))
      return
    case 'health':
      exchange.replyJson(200, { status: 'ok' })
      return
    case 'version':
      exchange.replyJson(200, { version })
      return
  }
}
