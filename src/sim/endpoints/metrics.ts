import type { Engine } from '../engine.ts'
import type { Exchange } from '../exchange.ts'

/** `GET /metrics`: the names that the engine uses. */
export async function metrics({ engine, reply }: Exchange): Promise<void> {
  reply.sendText({ status: 200, type: 'text/plain; version=0.0.4', text: exposition(engine) })
}

function exposition({ counters, pool }: Engine): string {
  const busy = pool.slots.filter(({ isBusy }) => isBusy).length
  const metrics: [name: string, type: 'counter' | 'gauge', value: number, help: string][] = [
    ['prompt_tokens_total', 'counter', counters.promptTokens, 'Prompt tokens processed, without cached ones'],
    ['prompt_tokens_cached_total', 'counter', counters.cachedTokens, 'Prompt tokens reused from the cache'],
    ['prompt_seconds_total', 'counter', counters.promptSeconds, 'Simulated time spent on prompts'],
    ['tokens_predicted_total', 'counter', counters.predictedTokens, 'Tokens generated'],
    ['tokens_predicted_seconds_total', 'counter', counters.predictedSeconds, 'Simulated time spent generating'],
    ['n_tokens_max', 'counter', counters.longestSequence, 'Longest prompt with its reply'],
    ['prompt_tokens_seconds', 'gauge', rate(counters.promptTokens, counters.promptSeconds), 'Prompt tokens a second'],
    ['predicted_tokens_seconds', 'gauge', rate(counters.predictedTokens, counters.predictedSeconds), 'Tokens a second'],
    ['requests_processing', 'gauge', busy, 'Requests at work'],
    ['requests_deferred', 'gauge', pool.waitingCount, 'Requests waiting for a slot'],
  ]
  return metrics
    .map(([name, type, value, help]) => {
      const full = `llamacpp:${name}`
      return `# HELP ${full} ${help}\n# TYPE ${full} ${type}\n${full} ${value}\n`
    })
    .join('')
}

function rate(count: number, seconds: number): number {
  return seconds === 0 ? 0 : count / seconds
}
