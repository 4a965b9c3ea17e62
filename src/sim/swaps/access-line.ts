import type { TraceRow } from './trace-row.ts'

/**
 * A request as llmr's own log tells it. Undefined for other lines, for requests that failed, and for those of which the
 * log has no model or no tokens. What was found in the prompt cache counts as not computed: the log names no sessions.
 */
export function readAccessLine(fields: Partial<Record<string, unknown>>): TraceRow | undefined {
  const { time, duration_ms: duration, model, status } = fields
  if (fields['msg'] !== 'request' || typeof model !== 'string' || typeof time !== 'string') return undefined
  const [endMs, durationMs] = [Date.parse(time), numberOf(duration)]
  const promptTokens = numberOf(fields['prompt_tokens'])
  if (Number.isNaN(endMs) || durationMs === undefined || promptTokens === undefined) return undefined
  if (typeof status === 'number' && status >= 400) return undefined
  return {
    arrivalMs: endMs - durationMs,
    model,
    promptTokens: Math.max(1, promptTokens - (numberOf(fields['cached_tokens']) ?? 0)),
    outputTokens: numberOf(fields['completion_tokens']) ?? 0,
  }
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' && value >= 0 ? value : undefined
}
