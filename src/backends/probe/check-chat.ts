import { randomUUID } from 'node:crypto'

import { askChat, type ChatAnswer } from '../ask-chat.ts'
import type { Connection } from '../connection.ts'
import type { Deadline } from '../describe-backend.ts'
import { checkFailure } from './check-failure.ts'
import type { ProbeCheck } from './probe-report.ts'

const replyTokens = 64

/** A real inference: some models load well and crash when they compute. Measures both phases on the way. */
export async function checkChat(connection: Connection, model: string, deadline: Deadline): Promise<ProbeCheck> {
  try {
    const messages = [{ role: 'user', content: longPrompt() }] as const
    return judge(
      model,
      await askChat(connection, { model, messages, maxTokens: replyTokens, temperature: 0 }, deadline),
    )
  } catch (error) {
    return checkFailure(error, { step: 'chat', model })
  }
}

/** Long enough to time, and unlike any before from its first word on, so that no cache answers for the model. */
function longPrompt(): string {
  const facts = Array.from(
    { length: 24 },
    (_, index) => `On day ${index + 1} the harbour counted ${index * 7 + 3} ships.`,
  )
  return `${randomUUID()} ${facts.join(' ')} In one short sentence: on which day did it count the most?`
}

function judge(model: string, answer: ChatAnswer): ProbeCheck {
  const check = { step: 'chat', model } as const
  if (answer.text.trim() === '' && answer.reasoning.trim() === '') {
    const detail = 'The model answered with nothing: its chat template or its weights are probably broken.'
    return { ...check, outcome: 'failed', detail }
  }
  const measured = rates(answer)
  return { ...check, outcome: 'passed', detail: ratesInWords(measured), measured }
}

interface Rates {
  readonly prefillTokensPerSecond?: number
  readonly decodeTokensPerSecond?: number
  readonly firstTokenMs?: number
}

/** The engine's own figures, else what the stream's clock says. */
function rates({ timings, usage, firstTokenMs, totalMs }: ChatAnswer): Readonly<Record<string, number>> {
  const { promptTokens, completionTokens } = usage ?? {}
  const decodeMs = firstTokenMs === undefined ? 0 : totalMs - firstTokenMs
  const measured: Rates = {
    prefillTokensPerSecond: timings?.prefillTokensPerSecond ?? perSecond(promptTokens, firstTokenMs),
    decodeTokensPerSecond:
      timings?.decodeTokensPerSecond ??
      perSecond(completionTokens === undefined ? undefined : completionTokens - 1, decodeMs),
    firstTokenMs,
  }
  return Object.fromEntries(
    Object.entries(measured).flatMap(([name, value]) => (value === undefined ? [] : [[name, round(value)]])),
  )
}

function perSecond(tokens: number | undefined, ms: number | undefined): number | undefined {
  if (tokens === undefined || tokens < 1 || ms === undefined || ms <= 0) return undefined
  return (tokens * 1000) / ms
}

/** Three digits that count: more would be noise. */
function round(value: number): number {
  return Number(value.toPrecision(3))
}

function ratesInWords(measured: Readonly<Record<string, number>>): string {
  const { prefillTokensPerSecond: prefill, decodeTokensPerSecond: decode, firstTokenMs } = measured
  const parts = [
    ...(prefill === undefined ? [] : [`reads ${prefill} tokens/s`]),
    ...(decode === undefined ? [] : [`writes ${decode} tokens/s`]),
    ...(firstTokenMs === undefined ? [] : [`first token after ${firstTokenMs} ms`]),
  ]
  return parts.length === 0 ? 'answers' : parts.join(', ')
}
