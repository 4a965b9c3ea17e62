import type { ProbeCheck, ProbeOutcome, ProbeReport } from './probe-report.ts'

/** One block for each backend: what it is, then one line for each thing looked at. */
export function formatProbe(reports: readonly ProbeReport[]): string {
  return reports.map(formatReport).join('\n\n')
}

const words: Readonly<Record<ProbeOutcome, string>> = {
  passed: 'ok',
  finding: 'note',
  failed: 'FAILED',
  skipped: 'skipped',
}

function formatReport({ name, url, kind, version, slots, checks }: ProbeReport): string {
  const facts = [
    name,
    url,
    ...(kind === undefined ? [] : [version === undefined ? kind : `${kind} ${version}`]),
    ...(slots === undefined ? [] : [slots === 1 ? '1 slot' : `${slots} slots`]),
  ]
  const shown = mergeSkipped(checks)
  const width = Math.max(...shown.map(({ model }) => model?.length ?? 0))
  const lines = shown.map(({ outcome, step, model, detail }) =>
    `  ${words[outcome].padEnd(7)}  ${step.padEnd(9)}  ${(model ?? '').padEnd(width)}  ${detail}`.replace(/ +$/, ''),
  )
  return [facts.join('  '), ...lines].join('\n')
}

/** A server with a hundred models on disk gets one line for those that were left out for the same reason. */
function mergeSkipped(checks: readonly ProbeCheck[]): readonly ProbeCheck[] {
  const reasons = Map.groupBy(
    checks.filter(({ outcome }) => outcome === 'skipped'),
    ({ step, detail }) => `${step} ${detail}`,
  )
  const merged = new Set<string>()
  return checks.flatMap((check) => {
    const reason = `${check.step} ${check.detail}`
    const alike = reasons.get(reason) ?? []
    if (check.outcome !== 'skipped' || alike.length < 4) return [check]
    if (merged.has(reason)) return []
    merged.add(reason)
    return [{ ...check, model: `${alike.length} models` }]
  })
}
