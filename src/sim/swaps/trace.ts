import type { TraceRow } from './trace-row.ts'
import { readAccessLine } from './access-line.ts'

export type ParsedTrace =
  | {
      readonly rows: readonly TraceRow[]
      /** Lines of a log that are not requests served, or lack what a replay needs. */
      readonly passedOver: number
    }
  | { readonly problem: string }

/**
 * Reads a workload, one JSON object a line, in any order. Either a trace with `arrival_s`, `model`, `prompt_tokens`,
 * `output_tokens` and, if there is one, `session`; or llmr's own log, of which the lines of requests are used. Tells the
 * first line that is neither.
 */
export function parseTrace(text: string): ParsedTrace {
  const rows: TraceRow[] = []
  let passedOver = 0
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue
    const fields = parseObject(line)
    if (fields === undefined) return { problem: `line ${index + 1}: expected a JSON object` }
    const row = 'arrival_s' in fields ? readTraceRow(fields) : readAccessLine(fields)
    if (typeof row === 'string') return { problem: `line ${index + 1}: ${row}` }
    if (row === undefined) passedOver += 1
    else rows.push(row)
  }
  if (rows.length === 0) return { problem: 'there are no requests in it' }
  const sorted = rows.toSorted((one, other) => one.arrivalMs - other.arrivalMs)
  const startMs = sorted[0]?.arrivalMs ?? 0
  return { rows: sorted.map((row) => ({ ...row, arrivalMs: row.arrivalMs - startMs })), passedOver }
}

function readTraceRow(fields: Fields): TraceRow | string {
  const { arrival_s: arrival, model, prompt_tokens: prompt, output_tokens: output, session } = fields
  if (typeof model !== 'string' || model === '') return 'expected model to be a name'
  if (!isAmount(arrival)) return 'expected arrival_s to be seconds, 0 or more'
  if (!isAmount(prompt)) return 'expected prompt_tokens to be a number, 0 or more'
  if (!isAmount(output)) return 'expected output_tokens to be a number, 0 or more'
  return {
    arrivalMs: arrival * 1000,
    model,
    promptTokens: prompt,
    outputTokens: output,
    ...(typeof session === 'string' && session !== '' && { session }),
  }
}

type Fields = Partial<Record<string, unknown>>

function parseObject(line: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null ? { ...value } : undefined
  } catch {
    return undefined
  }
}

function isAmount(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0
}
