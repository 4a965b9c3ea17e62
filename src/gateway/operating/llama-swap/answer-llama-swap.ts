import type { Exchange } from '../../../http/exchange.ts'
import type { LlamaSwapWish } from '../../../http/routes/purpose.ts'
import type { Residency } from '../../fleet/residency.ts'
import { noResidency } from '../admin-api.ts'
import { activityPage, activityStats } from './activity.ts'
import { expectModel } from './expect-model.ts'
import { logLines, logSources } from './log-sources.ts'
import { type EventParts, streamEvents } from './stream-events.ts'
import { streamLog } from './stream-log.ts'
import { runningModels } from './running-models.ts'

export type LlamaSwapParts = EventParts

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
    case 'events':
      streamEvents(exchange, parts)
      return
    case 'activity':
      exchange.replyJson(200, activityPage(exchange.query, parts.recent))
      return
    case 'activity-stats':
      exchange.replyJson(200, activityStats(exchange.query, parts.recent))
      return
    case 'profiles':
      // There a set of names that stand for others, one at a time; here aliases do that, all of the time.
      exchange.replyJson(200, { active: null, profiles: [] })
      return
    case 'performance':
      // As it answers itself where it does not measure; `/metrics` is for that here.
      exchange.replyJson(503, { enabled: false })
      return
    case 'log-stream':
      streamLog(exchange, logSources(wish.of, parts), parts.openLogs)
      return
  }
}

function unload(residency: Residency, name: string | undefined): Promise<void> {
  return residency.unload(name === undefined ? undefined : expectModel(residency, name).name)
}
