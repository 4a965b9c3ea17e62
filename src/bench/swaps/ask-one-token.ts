import { numberAt } from '../../core/foreign-json.ts'
import { SseEvents } from '../../core/sse-events.ts'

export interface FirstToken {
  /** Monotonic. */
  readonly atMs: number
  /** What the engine says it needed for it; engines other than llama.cpp say nothing. */
  readonly engineMs?: number
}

/**
 * Asks a model for one token, as a stream, and says when it came.
 *
 * @throws Error when the reply is none, with what it says
 */
export async function askOneToken(parts: {
  readonly url: string
  readonly model: string
  readonly prompt: string
  readonly signal: AbortSignal
}): Promise<FirstToken> {
  const { url, model, prompt, signal } = parts
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    // Words about the wait for a model must not pass for its first token.
    headers: { 'content-type': 'application/json', 'x-llmr-loading': 'off' },
    body: JSON.stringify({
      model,
      messages: [{ role: 'user', content: prompt }],
      max_tokens: 1,
      temperature: 0,
      stream: true,
    }),
    signal,
  })
  if (!response.ok || response.body === null) {
    throw new Error(`${model} answered ${response.status}: ${(await response.text()).slice(0, 500)}`)
  }
  const events = new SseEvents()
  let atMs: number | undefined
  let engineMs: number | undefined
  for await (const chunk of response.body) {
    for (const data of events.push(Buffer.from(chunk))) {
      atMs ??= performance.now()
      engineMs = engineTimeIn(data) ?? engineMs
    }
  }
  if (atMs === undefined) throw new Error(`${model} ended its stream without a token.`)
  return { atMs, ...(engineMs !== undefined && { engineMs }) }
}

function engineTimeIn(data: string): number | undefined {
  if (!data.includes('"timings"')) return undefined
  const event: unknown = JSON.parse(data)
  const promptMs = numberAt(event, 'timings', 'prompt_ms')
  const predictedMs = numberAt(event, 'timings', 'predicted_ms')
  return promptMs === undefined || predictedMs === undefined ? undefined : promptMs + predictedMs
}
