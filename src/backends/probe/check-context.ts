import type { ModelDescription } from '../../core/model.ts'
import type { ProbeCheck } from './probe-report.ts'

/** Coding agents send 20,000 tokens of instructions and tools before the first question. */
const agentTokens = 16_384

/** Whether the model's context is known, and large enough for what clients send today. Asks nothing. */
export function checkContext(
  { id, contextLength, slots }: ModelDescription,
  configured: number | undefined,
): ProbeCheck {
  const tokens = contextLength ?? configured
  const check = { step: 'context', model: id } as const
  if (tokens === undefined) {
    return {
      ...check,
      outcome: 'finding',
      detail: 'The server does not say how much context the model has: set context_length of this backend.',
    }
  }
  const measured = { tokens }
  const size = `${tokens} tokens${slots === undefined || slots === 1 ? '' : ` in each of ${slots} slots`}`
  if (tokens >= agentTokens) return { ...check, outcome: 'passed', detail: size, measured }
  return {
    ...check,
    outcome: 'finding',
    detail: `${size}: enough for a chat, too little for coding agents, whose first request alone is about 20000.`,
    measured,
  }
}
