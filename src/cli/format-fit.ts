import { formatTable } from './table.ts'

interface Fit {
  readonly file: string
  readonly model: { readonly layers: readonly unknown[]; readonly name?: string }
  readonly gpus: readonly { readonly name: string; readonly source: string; readonly freeBytes: number }[]
  readonly settings: {
    readonly context: number
    readonly parallel: number
    readonly kvTypes: { readonly k: string; readonly v: string }
    readonly gpuLayers: number
    readonly cpuExperts: number
  }
  readonly estimate: {
    readonly weightBytes: number
    readonly kvBytes: number
    readonly overheadBytes: number
    readonly totalBytes: number
    readonly ramBytes: number
  }
  readonly cacheTable: readonly { readonly context: number; readonly bytesByType: Readonly<Record<string, number>> }[]
  readonly verdict?: {
    readonly freeBytes: number
    readonly isFitting: boolean
    readonly suggestions: readonly { readonly change: string; readonly estimate: { readonly totalBytes: number } }[]
  }
  readonly notes: readonly string[]
}

/** What a model takes, against what is free, and what would make it fit. */
export function formatFit(name: string, fit: Fit): string {
  return [
    `${name}: ${fit.file}`,
    settingsLine(fit),
    '',
    formatTable(['', 'GIB', ''], sums(fit)),
    '',
    verdictLine(fit),
    ...suggestionLines(fit),
    ...fit.notes.map((note) => `Note: ${note}.`),
    '',
    'KV cache in GiB, by context and type:',
    cacheTable(fit),
  ].join('\n')
}

function settingsLine({ settings, model }: Fit): string {
  const { context, parallel, kvTypes, gpuLayers, cpuExperts } = settings
  const layers = model.layers.length
  const onGpu = gpuLayers > layers ? `all ${layers} layers` : `${gpuLayers} of ${layers} layers`
  const requests = parallel === 1 ? '1 request' : `${parallel} requests`
  const experts = cpuExperts === 0 ? '' : `, experts of ${Math.min(cpuExperts, layers)} layers in RAM`
  return `${context} tokens for ${requests}, KV cache ${kvTypes.k}/${kvTypes.v}, ${onGpu} on the GPU${experts}`
}

function sums({ estimate, verdict, gpus }: Fit): readonly (readonly string[])[] {
  const from = gpus.map(({ name, source }) => `${name} (${source})`).join(', ')
  return [
    ['weights', gib(estimate.weightBytes), ''],
    ['KV cache', gib(estimate.kvBytes), ''],
    ['overhead', gib(estimate.overheadBytes), 'estimated'],
    ['together', gib(estimate.totalBytes), ''],
    ...(verdict === undefined ? [] : [['free', gib(verdict.freeBytes), from]]),
    ...(estimate.ramBytes > 0 ? [['in RAM', gib(estimate.ramBytes), 'beside it']] : []),
  ]
}

function verdictLine({ verdict, estimate }: Fit): string {
  if (verdict === undefined) {
    return 'No GPU was found on this machine, so there is nothing to compare with: say how much there is with --vram 24GiB.'
  }
  const difference = verdict.freeBytes - estimate.totalBytes
  if (verdict.isFitting) return `It fits, with ${gib(difference)} GiB to spare.`
  return difference >= 0
    ? `It would leave only ${gib(difference)} GiB, less than an estimate can be wrong by.`
    : `It does not fit: ${gib(-difference)} GiB are missing.`
}

function suggestionLines({ verdict }: Fit): readonly string[] {
  if (verdict === undefined || verdict.isFitting) return []
  if (verdict.suggestions.length === 0) return ['Nothing makes it fit: it needs smaller weights, or a larger GPU.']
  const rows = verdict.suggestions.map(({ change, estimate }) => [`  ${change}`, `${gib(estimate.totalBytes)} GiB`])
  const width = Math.max(...rows.map(([change = '']) => change.length))
  return [
    'Each of these makes it fit:',
    ...rows.map(([change = '', total = '']) => `${change.padEnd(width)}  ${total}`),
  ]
}

function cacheTable({ cacheTable: rows }: Fit): string {
  const types = Object.keys(rows[0]?.bytesByType ?? {})
  return formatTable(
    ['CONTEXT', ...types],
    rows.map(({ context, bytesByType }) => [String(context), ...types.map((type) => gib(bytesByType[type] ?? 0))]),
  )
}

function gib(bytes: number): string {
  return (bytes / 1024 ** 3).toFixed(2)
}
