import type { Exchange } from '../http/exchange.ts'
import type { Route } from '../http/routes/route.ts'
import type { MetricsRegistry } from '../telemetry/metrics.ts'
import { type AdminParts, answerAdmin } from './operating/admin-api.ts'
import { answerLlamaServer } from './operating/client-probes/answer-llama-server.ts'
import { answerLmStudio } from './operating/client-probes/answer-lm-studio.ts'
import { answerOllama } from './operating/client-probes/answer-ollama.ts'
import { askEngineTool } from './operating/client-probes/ask-engine-tool.ts'
import { answerAvailable, answerStatus } from './operating/desktop/desktop-pages.ts'
import { switchModel } from './operating/desktop/switch-model.ts'
import { answerGreeting } from './operating/greeting.ts'
import { answerLiveness, answerReadiness } from './operating/health-pages.ts'
import { answerLlamaSwap, type LlamaSwapParts } from './operating/llama-swap/answer-llama-swap.ts'
import { answerModel, answerModelList } from './operating/model-pages.ts'
import type { Recordings } from './operating/recording/recordings.ts'
import { answerQueue } from './operating/queue-page.ts'
import type { StateFeed } from './operating/state/state-feed.ts'
import { answerWebPage } from './operating/web-page.ts'
import { answerUpstream } from './operating/upstream/answer-upstream.ts'
import { answerStoredResponse } from './request/answer-stored-response.ts'
import { answerTokenCount } from './request/count-tokens.ts'
import { serveOperation, type ServeParts } from './request/serve-operation.ts'

/** What is there as long as the gateway is. */
export interface LastingStages extends Omit<ServeParts & AdminParts & LlamaSwapParts, keyof Changing> {
  readonly metrics: MetricsRegistry
  readonly state: StateFeed
  readonly recordings: Recordings
}

/** The gateway as it stands when a request comes. */
export type Stages = LastingStages & Changing

/** What may be another thing for the next request. */
type Changing = Pick<
  ServeParts & AdminParts & LlamaSwapParts,
  'url' | 'residency' | 'toolcalls' | 'images' | 'recall' | 'exchanges'
> & {
  readonly isClosing: boolean
  /** Why the configuration that was written last does not count. */
  readonly configProblem: string | undefined
  /** For requests that name no model. */
  readonly defaultModel: string | undefined
  /** Every backend was asked once; until then models may be missing that are there. */
  readonly isChecked: boolean
  readonly firstChecks: Promise<void>
}

/** What a path is for, and who answers it. */
export async function answerRoute(exchange: Exchange, route: Route, parts: Stages): Promise<void> {
  switch (route.purpose) {
    case 'operation':
      if (!parts.isChecked) await parts.firstChecks
      return serveOperation(exchange, route.operation, parts)
    case 'count-tokens':
      if (!parts.isChecked) await parts.firstChecks
      return answerTokenCount(exchange, parts)
    case 'stored-response':
      return answerStoredResponse(exchange, route.wish, parts.replies)
    case 'list-models':
      await parts.firstChecks
      answerModelList(exchange, parts)
      return
    case 'show-model':
      await parts.firstChecks
      answerModel(exchange, { ...parts, model: route.model })
      return
    case 'greeting':
      answerGreeting(exchange, { version: parts.identity.version, url: parts.url })
      return
    case 'web-page':
      answerWebPage(exchange, route.file)
      return
    case 'liveness':
      answerLiveness(exchange, parts.identity)
      return
    case 'readiness':
      answerReadiness(exchange, parts)
      return
    case 'metrics':
      exchange.reply(200, ['content-type', parts.metrics.contentType], Buffer.from(await parts.metrics.text()))
      return
    case 'state':
      await parts.firstChecks
      parts.state.follow(exchange)
      return
    case 'record':
      parts.recordings.follow(exchange)
      return
    case 'queue':
      answerQueue(exchange, parts.residency)
      return
    case 'llama-swap':
      return answerLlamaSwap(exchange, route.wish, parts)
    case 'upstream':
      await parts.firstChecks
      return answerUpstream(exchange, route.rest, parts)
    case 'models-available':
      await parts.firstChecks
      answerAvailable(exchange, { state: parts.state.current(), listed: parts.router.catalogue.list() })
      return
    case 'models-status':
      await parts.firstChecks
      answerStatus(exchange, { state: parts.state.current(), residency: parts.residency })
      return
    case 'ollama':
      await parts.firstChecks
      return answerOllama(exchange, route.wish, { ...probed(parts), nowMs: parts.clock.now() })
    case 'lm-studio':
      await parts.firstChecks
      answerLmStudio(exchange, route.wish, probed(parts))
      return
    case 'llama-server':
      await parts.firstChecks
      answerLlamaServer(exchange, route.wish, { ...probed(parts), version: parts.identity.version })
      return
    case 'engine-tool':
      await parts.firstChecks
      return askEngineTool(exchange, route.path, probed(parts))
    case 'models-switch':
      return switchModel(exchange, parts.residency)
    case 'admin':
      await answerAdmin(exchange, route.resource, parts)
      return
  }
}

/** What answers about models are made from, as it stands now. */
function probed(parts: Stages) {
  return { ...parts, state: parts.state.current() }
}
