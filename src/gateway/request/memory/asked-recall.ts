import { leastRecall, type RecallMode, recallModes } from '../../../core/recall-mode.ts'
import type { Exchange } from '../../../http/exchange.ts'

/** How much a request is given back: what is configured, narrowed by its key and by its own header, never widened. */
export function askedRecall(
  { request, principal }: Pick<Exchange, 'request' | 'principal'>,
  configured: RecallMode,
): RecallMode {
  const asked = request.headers['x-llmr-memory']
  const header = recallModes.find((mode) => mode === asked) ?? 'hybrid'
  return leastRecall(configured, principal?.recall ?? 'hybrid', header)
}
