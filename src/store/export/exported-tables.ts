/** What a column holds, for formats that have types. */
export type ExportType = 'text' | 'integer' | 'number' | 'boolean' | 'time' | 'json'

export interface ExportColumn {
  readonly name: string
  readonly type: ExportType
  /** As SQL has it; the name where absent. */
  readonly from?: string
}

export interface ExportedTable {
  readonly columns: readonly ExportColumn[]
  /** What stands behind `from`. */
  readonly source: string
  /** When it happened: by this a range is chosen. */
  readonly time: string
  readonly tenant: string
  /** Unique together, and in this order an index: pages are read along it. */
  readonly keys: readonly { readonly from: string; readonly type: 'text' | 'bigint' | 'integer' }[]
}

export const exportNames = ['turns', 'pairs', 'tool-calls', 'flows', 'flow-steps', 'flow-sources'] as const

export type ExportName = (typeof exportNames)[number]

function columns(type: ExportType, ...names: readonly string[]): readonly ExportColumn[] {
  return names.map((from) => ({ name: from.slice(from.lastIndexOf('.') + 1), type, from }))
}

const whose = (table: string): readonly ExportColumn[] =>
  columns('text', `${table}.request_id`, `${table}.correlation_id`, `${table}.tenant`, `${table}.principal`)

/** What analysts may have, by the name they ask for. Names of columns are promised; more may come at the end. */
export const exportedTables: Readonly<Record<ExportName, ExportedTable>> = {
  turns: {
    source: 'llmr.reply reply join llmr.turn turn on turn.id = reply.turn',
    time: 'reply.started_at',
    tenant: 'reply.tenant',
    keys: [{ from: 'reply.id', type: 'bigint' }],
    columns: [
      ...whose('reply'),
      { name: 'conversation', type: 'text', from: 'turn.conversation::text' },
      { name: 'turn', type: 'integer', from: 'turn.id' },
      { name: 'reply', type: 'integer', from: 'reply.id' },
      { name: 'parent_reply', type: 'integer', from: 'coalesce(reply.continues, turn.parent_reply)' },
      ...columns('integer', 'turn.depth'),
      ...columns('text', 'turn.origin', 'turn.kind', 'reply.status', 'reply.requested_model', 'reply.model'),
      ...columns('text', 'reply.backend', 'reply.finish_reason'),
      ...columns('integer', 'reply.prompt_tokens', 'reply.cached_tokens', 'reply.completion_tokens'),
      ...columns('time', 'reply.started_at', 'reply.finished_at'),
      { name: 'input', type: 'json', from: 'coalesce(reply.input, turn.input)' },
      ...columns('json', 'reply.output'),
    ],
  },
  pairs: {
    source: 'llmr.chat_pair pair',
    time: 'pair.created_at',
    tenant: 'pair.tenant',
    keys: [{ from: 'pair.request_id', type: 'text' }],
    columns: [
      ...whose('pair'),
      { name: 'conversation', type: 'text', from: 'pair.conversation::text' },
      ...columns('integer', 'pair.reply', 'pair.depth'),
      ...columns('text', 'pair.user_text', 'pair.reply_text'),
      ...columns('time', 'pair.created_at'),
    ],
  },
  'tool-calls': {
    source:
      'llmr.tool_call call join llmr.reply reply on reply.id = call.reply left join llmr.artifact result on result.id = call.result_artifact',
    time: 'reply.started_at',
    tenant: 'call.tenant',
    keys: [
      { from: 'call.reply', type: 'bigint' },
      { from: 'call.position', type: 'integer' },
    ],
    columns: [
      ...whose('reply'),
      ...columns('integer', 'call.reply', 'call.position'),
      ...columns('text', 'call.call_id', 'call.name', 'call.arguments'),
      { name: 'result_uri', type: 'text', from: 'result.uri' },
      { name: 'result_sha256', type: 'text', from: "encode(result.sha256, 'hex')" },
      ...columns('time', 'reply.started_at'),
    ],
  },
  flows: {
    source: 'llmr.flow flow',
    time: 'flow.started_at',
    tenant: 'flow.tenant',
    keys: [{ from: 'flow.request_id', type: 'text' }],
    columns: [
      ...whose('flow'),
      { name: 'conversation', type: 'text', from: 'flow.conversation::text' },
      ...columns('text', 'flow.operation', 'flow.kind', 'flow.model', 'flow.backend'),
      ...columns('integer', 'flow.status', 'flow.duration_ms'),
      ...columns('time', 'flow.started_at'),
      ...columns('json', 'flow.steps', 'flow.edges'),
    ],
  },
  'flow-steps': {
    source: `llmr.flow flow cross join lateral (
      select place - 1 as place, step ->> 'type' as type, step ->> 'ref' as ref, step ->> 'digest' as digest,
        (step ->> 'started_us')::bigint as started_us, (step ->> 'duration_us')::bigint as duration_us,
        coalesce((step ->> 'failed')::boolean, false) as failed, step -> 'facts' as facts
      from json_array_elements(flow.steps) with ordinality as listed (step, place)
      union all
      select json_array_length(flow.steps) - 1 + row_number() over (order by later.started_at, later.type, later.part), later.type, later.ref, null,
        (extract(epoch from later.started_at - flow.started_at) * 1000000)::bigint, later.duration_us, false, later.facts
      from llmr.flow_step later where later.request_id = flow.request_id
    ) step`,
    time: 'flow.started_at',
    tenant: 'flow.tenant',
    keys: [
      { from: 'flow.request_id', type: 'text' },
      { from: 'step.place', type: 'bigint' },
    ],
    columns: [
      ...columns('text', 'flow.request_id', 'flow.tenant'),
      ...columns('integer', 'step.place'),
      ...columns('text', 'step.type', 'step.ref', 'step.digest'),
      ...columns('integer', 'step.started_us', 'step.duration_us'),
      ...columns('boolean', 'step.failed'),
      ...columns('json', 'step.facts'),
      ...columns('time', 'flow.started_at'),
    ],
  },
  'flow-sources': {
    source: 'llmr.flow_source source join llmr.flow flow on flow.request_id = source.request_id',
    time: 'flow.started_at',
    tenant: 'source.tenant',
    keys: [
      { from: 'source.request_id', type: 'text' },
      { from: 'source.kind', type: 'text' },
      { from: 'source.ref', type: 'text' },
    ],
    columns: [
      ...columns('text', 'source.request_id', 'source.tenant', 'source.kind', 'source.ref', 'source.digest'),
      ...columns('integer', 'source.rank'),
      ...columns('number', 'source.score'),
      ...columns('boolean', 'source.injected'),
      ...columns('integer', 'source.tokens'),
      ...columns('text', 'source.reason'),
      ...columns('time', 'flow.started_at'),
    ],
  },
}
