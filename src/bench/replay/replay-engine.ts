import { flushCompileCache } from 'node:module'
import { setTimeout as delay } from 'node:timers/promises'

import { numberAt, textAt } from '../../core/foreign-json.ts'
import { startSimulatedEngine } from '../../sim/simulated-engine.ts'
import type { ReceivedRequest } from '../../sim/request-log.ts'
import { loadMs } from '../../sim/swaps/replay-host.ts'
import { PrefixCache } from '../../sim/swaps/prefix-cache.ts'
import { epochMs } from './replay-engine-options.ts'
import type { ReplayAnswer, ReplayEngineOptions } from './replay-engine-options.ts'

// A program: the simulated engine, with the times of the host that a replay assumes. It loads, serves and stops exactly as
// long as the replay in simulated time says, less what it gives back, counted from the moment in which its process began.

const options = JSON.parse(process.argv[2] ?? '{}') as ReplayEngineOptions
if (options.isRehearsal === true) {
  flushCompileCache()
  process.exit(0)
}
const { model, host, timeScale, giveBackMs } = options
const prefixes = new PrefixCache(host)
const toReal = (simulatedMs: number): number => simulatedMs * timeScale

process.on('SIGTERM', () => setTimeout(() => process.exit(0), toReal(host.stopMs) - giveBackMs.stop))

const engine = await startSimulatedEngine({
  port: options.port,
  model: model.name,
  slots: model.slots,
  loadTimeMs: Infinity,
  timeScale: 1,
  decodeRate: 1e6,
  prefillRate: 1e9,
  script: (request) => replyTo(request),
})
const loadedAtMs = toReal(loadMs(host, model.sizeBytes, model.sizeBytes)) - giveBackMs.load
setTimeout(() => engine.control.finishLoading(), loadedAtMs - performance.now())

/** Begins its work when it is asked: the gateway sends no more at a time than there are slots. */
function replyTo({ body }: ReceivedRequest): { readonly content: readonly string[]; beforePiece(): Promise<void> } {
  const startedAtMs = epochMs()
  const session = textAt(body, 'metadata', 'session')
  const endsAfterMs = (serviceMs: number): number =>
    toReal(serviceMs) - Math.min(toReal(serviceMs) / 2, numberAt(body, 'metadata', 'give_back_ms') ?? 0)
  const { prefillMs, serviceMs } = prefixes.serve(
    {
      arrivalMs: 0,
      model: model.name,
      promptTokens: numberAt(body, 'metadata', 'prompt_tokens') ?? 0,
      outputTokens: numberAt(body, 'metadata', 'output_tokens') ?? 0,
      ...(session !== undefined && { session }),
    },
    model,
  )
  const answer: ReplayAnswer = { started_at_ms: startedAtMs, prefill_ms: prefillMs, service_ms: serviceMs }
  return {
    content: [JSON.stringify(answer)],
    beforePiece: () => delay(startedAtMs + endsAfterMs(serviceMs) - epochMs()),
  }
}
