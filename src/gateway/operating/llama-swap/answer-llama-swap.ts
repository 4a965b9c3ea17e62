import type { Exchange } from '../../../http/exchange.ts'
import type { LlamaSwapWish } from '../../../http/routes/purpose.ts'
import type { LineTail } from '../../../telemetry/line-tail.ts'
import type { Residency } from '../../fleet/residency.ts'
import { noResidency } from '../admin-api.ts'
import type { OpenStreams } from '../open-streams.ts'
import { expectModel } from './expect-model.ts'
import { logLines, logSources } from './log-sources.ts'
import { streamLog } from './stream-log.ts'
import { runningModels } from './running-models.ts'

export interface LlamaSwapParts {
  readonly residency: Residency | undefined
  /** The gateway's own log. */
  readonly ownLog: LineTail
  readonly openLogs: OpenStreams
}

/** What llama-swap would answer: its paths, its shapes. */
export async function answerLlamaSwap(exchange: Exchange, wish: LlamaSwapWish, parts: LlamaSwapParts): Promise<void> {
  const { residency } = parts
  switch (wish.type) {
    case 'health':
      exchange.replyText(200, 'OK')
      return
    case 'running':
      exchange.replyJson(200, { running: residency === undefined ? [] : runningModels(residency) })
      return
    case 'unload':
      await unload(residency ?? noResidency(), wish.model)
      if (wish.isJson === true) exchange.replyJson(200, { msg: 'ok' })
      else exchange.replyText(200, 'OK')
      return
    case 'logs':
      exchange.replyText(200, logLines(logSources(undefined, parts)).join(''))
      return
    case 'log-stream':
      streamLog(exchange, logSources(wish.of, parts), parts.openLogs)
      return
  }
}

function unload(residency: Residency, name: string | undefined): Promise<void> {
  return residency.unload(name === undefined ? undefined : expectModel(residency, name).name)
}
