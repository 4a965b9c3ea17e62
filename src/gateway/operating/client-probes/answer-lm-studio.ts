import { writeEarlierModel, writeEarlierModels, writeModels } from '../../../dialects/lm-studio/write-models.ts'
import type { Exchange } from '../../../http/exchange.ts'
import type { LmStudioWish } from '../../../http/routes/purpose.ts'
import { type ProbeParts, shownModel, shownModels } from './shown-models.ts'

/** What LM Studio would list. @throws LlmrError `model_not_found` */
export function answerLmStudio(exchange: Exchange, wish: LmStudioWish, parts: ProbeParts): void {
  switch (wish.type) {
    case 'models':
      exchange.replyJson(200, writeModels(shownModels(exchange, parts)))
      return
    case 'earlier-models':
      exchange.replyJson(200, writeEarlierModels(shownModels(exchange, parts)))
      return
    case 'earlier-model':
      exchange.replyJson(200, writeEarlierModel(shownModel(exchange, wish.model, parts)))
      return
  }
}
