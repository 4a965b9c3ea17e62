import { LlmrError } from '../../../core/error.ts'
import type { RequestRecord } from '../../../core/request-record.ts'
import type { RecentRequests } from '../../../telemetry/recent-requests.ts'

/** One finished request, as llama-swap lists it. What is not known of it is -1, as there. */
interface ActivityRow {
  readonly id: number
  readonly timestamp: string
  readonly model: string
  readonly req_path: string
  readonly resp_content_type: string
  readonly resp_status_code: number
  readonly tokens: {
    readonly cache_tokens: number
    readonly draft_tokens: number
    readonly draft_acc_tokens: number
    readonly input_tokens: number
    readonly output_tokens: number
    readonly prompt_per_second: number
    readonly tokens_per_second: number
  }
  readonly duration_ms: number
  readonly has_capture: false
  readonly error_msg?: string
  readonly metadata: Readonly<Record<string, string>>
}

const limitUsual = 25
const limitMax = 999

/**
 * The last requests to models, page by page, the newest first.
 *
 * @throws LlmrError `invalid_request` when page or limit are no such numbers
 */
export function activityPage(query: string, recent: RecentRequests) {
  const asked = new URLSearchParams(query)
  const limit = numberOf(asked, { name: 'limit', usual: limitUsual, most: limitMax })
  const page = numberOf(asked, { name: 'page', usual: 1, most: Number.MAX_SAFE_INTEGER })
  const rows = rowsOf(recent, asked.get('model') ?? '')
  const data = rows.slice((page - 1) * limit, page * limit)
  return { data, page, limit, total: rows.length, total_pages: Math.ceil(rows.length / limit) }
}

/** What they come to. llmr keeps histograms of its own, in `/metrics`. */
export function activityStats(query: string, recent: RecentRequests) {
  const rows = rowsOf(recent, new URLSearchParams(query).get('model') ?? '')
  const sum = (tokens: (row: ActivityRow) => number): number => rows.reduce((all, row) => all + tokens(row), 0)
  return {
    total_requests: rows.length,
    total_input_tokens: sum(({ tokens }) => tokens.input_tokens),
    total_output_tokens: sum(({ tokens }) => tokens.output_tokens),
    total_cache_tokens: sum(({ tokens }) => tokens.cache_tokens),
    prompt_histogram: null,
    gen_histogram: null,
  }
}

function rowsOf(recent: RecentRequests, model: string): readonly ActivityRow[] {
  const newest = recent.count
  return recent
    .latest(Number.POSITIVE_INFINITY)
    .map((record, index) => toRow(record, newest - index))
    .filter((row) => model === '' || row.model === model)
}

function toRow(record: RequestRecord, id: number): ActivityRow {
  const { startedAtMs, durationMs, timeToFirstByteMs, completionTokens } = record
  const writingMs = timeToFirstByteMs === undefined ? 0 : durationMs - timeToFirstByteMs
  return {
    id,
    timestamp: new Date(startedAtMs).toISOString(),
    model: record.model ?? record.requestedModel ?? '',
    req_path: record.path,
    resp_content_type: record.isStream ? 'text/event-stream' : 'application/json',
    resp_status_code: record.status,
    tokens: {
      cache_tokens: record.cachedTokens ?? 0,
      draft_tokens: 0,
      draft_acc_tokens: 0,
      input_tokens: record.promptTokens ?? 0,
      output_tokens: completionTokens ?? 0,
      prompt_per_second: -1,
      tokens_per_second:
        record.isStream && completionTokens && writingMs > 0 ? (completionTokens * 1000) / writingMs : -1,
    },
    duration_ms: Math.round(durationMs),
    has_capture: false,
    ...(record.errorCode !== undefined && { error_msg: record.errorCode }),
    metadata: { request_id: record.requestId, ...(record.backend !== undefined && { backend: record.backend }) },
  }
}

function numberOf(
  asked: URLSearchParams,
  { name, usual, most }: { readonly name: string; readonly usual: number; readonly most: number },
): number {
  const given = asked.get(name)?.trim() ?? ''
  if (given === '') return usual
  const value = Number(given)
  if (Number.isInteger(value) && value >= 1 && value <= most) return value
  throw new LlmrError('invalid_request', `Expected ${name} to be a whole number from 1 to ${most}; it is "${given}".`, {
    param: name,
  })
}
