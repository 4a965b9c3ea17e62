import type { TargetName } from './bench-rig.ts'
import type { MemorySummary } from './measure-memory.ts'
import type { StageSummary } from './measure-stages.ts'
import type { TranslationSummary } from './measure-translation.ts'
import type { GatewayBenchReport } from './run-gateway-bench.ts'
import type { CaseSummary, TargetSummary } from './summarise.ts'

type FormatTable = (header: readonly string[], rows: readonly (readonly string[])[]) => string

/** The report for people. Everything in it is in the JSON too. */
export function formatReport(report: GatewayBenchReport, formatTable: FormatTable): string {
  const sections = [`Node ${report.node}, ${report.cores} × ${report.cpu}, ${report.duration_ms} ms a window`]
  if (report.cases.length > 0) sections.push(formatTable(caseHeader, report.cases.flatMap(caseRows)), caseNotes)
  if (report.memory.length > 0) sections.push(formatTable(memoryHeader(report.memory), report.memory.map(memoryRow)))
  for (const summary of report.stages) sections.push(formatStages(summary, formatTable))
  if (report.translation.length > 0) {
    sections.push(formatTable(translationHeader, report.translation.map(translationRow)), translationNotes)
  }
  return sections.join('\n\n')
}

const translationHeader = [
  'case',
  'from',
  'passed, CPU µs',
  'translated, CPU µs',
  '×',
  'first byte ms',
  'translated ms',
]

const translationNotes = `CPU of the gateway for one chunk that the engine sends, for json for one request. Passed: the same reply to a client
of openai-chat. Medians over the rounds, ratios within a round.`

function translationRow(summary: TranslationSummary): readonly string[] {
  return [
    summary.case,
    summary.from,
    summary.pass_through_us.toFixed(1),
    summary.translated_us.toFixed(1),
    summary.times_pass_through.toFixed(2),
    milliseconds(summary.pass_through_first_byte_ms),
    milliseconds(summary.translated_first_byte_ms),
  ]
}

const caseHeader = [
  'case',
  'target',
  'req/s',
  'p50 ms',
  'p99 ms',
  '+p50',
  '+p99',
  'first byte',
  '+first byte',
  'CPU µs/req',
  'of it system',
  'µs/event',
  '× floor',
  'RSS MB',
]

const caseNotes = `+ columns: added to what the backend takes when asked directly. First byte: median. All figures are medians over
the rounds. The processes share this machine's cores, so throughput and latency under many clients say as much about
the machine as about the target; the CPU columns do not. c: clients in a closed loop, r: requests a second in an open one.`

function caseRows(summary: CaseSummary): readonly (readonly string[])[] {
  return (['direct', 'floor', 'llmr'] as const).map((name) => caseRow(summary, name))
}

function caseRow(summary: CaseSummary, name: TargetName): readonly string[] {
  const target: TargetSummary = summary.targets[name]
  return [
    name === 'direct' ? summary.name : '',
    target.failures === 0 ? name : `${name} (${target.failures} failed)`,
    target.requests_per_second.toFixed(0),
    milliseconds(target.p50_ms),
    milliseconds(target.p99_ms),
    milliseconds(target.added?.p50_ms),
    milliseconds(target.added?.p99_ms),
    milliseconds(target.first_byte_p50_ms),
    milliseconds(target.added?.first_byte_p50_ms),
    target.cpu_us_per_request?.toFixed(0) ?? '',
    target.system_us_per_request?.toFixed(0) ?? '',
    target.cpu_us_per_event?.toFixed(1) ?? '',
    name === 'llmr' ? summary.cpu_times_floor.toFixed(2) : '',
    megabytes(target.rss_bytes),
  ]
}

function memoryHeader([first]: readonly MemorySummary[]): readonly string[] {
  return [
    'memory after a collection, MB',
    'idle',
    ...(first?.requests.map(({ requests }) => `${requests} requests`) ?? []),
    'growth',
    'busy',
    `${first?.streams.streams ?? 0} open streams`,
    'KB/stream',
    'closed again',
  ]
}

function memoryRow({
  target,
  idle_rss_bytes,
  requests,
  growth,
  busy_rss_bytes,
  streams,
}: MemorySummary): readonly string[] {
  return [
    target,
    megabytes(idle_rss_bytes),
    ...requests.map(({ rss_bytes }) => megabytes(rss_bytes)),
    growth.toFixed(2),
    megabytes(busy_rss_bytes),
    megabytes(streams.rss_bytes),
    (streams.bytes_per_stream / 1024).toFixed(1),
    megabytes(streams.rss_after_bytes),
  ]
}

function formatStages({ case: name, cpu_us_per_request: cpu, stages }: StageSummary, formatTable: FormatTable): string {
  const row = (stage: string, floor: number, llmr: number): readonly string[] => [
    stage,
    floor.toFixed(1),
    llmr.toFixed(1),
    (llmr - floor).toFixed(1),
  ]
  return formatTable(
    [`CPU µs/req by stage, ${name}`, 'floor', 'llmr', 'more'],
    [
      ...stages.map(({ stage, floor_us, llmr_us }) => row(stage, floor_us, llmr_us)),
      row('all, while profiled', cpu.floor, cpu.llmr),
    ],
  )
}

function milliseconds(value: number | undefined): string {
  return value === undefined ? '' : value.toFixed(2)
}

function megabytes(bytes: number | undefined): string {
  return bytes === undefined ? '' : (bytes / 1024 / 1024).toFixed(0)
}
