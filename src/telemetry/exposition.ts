import type { Family, Labels } from './series.ts'

export const expositionContentType = 'text/plain; version=0.0.4; charset=utf-8'

/** Families in the Prometheus text format, version 0.0.4. One without samples still shows that it exists. */
export function expose(families: readonly Family[]): string {
  const lines: string[] = []
  for (const family of families) {
    lines.push(`# HELP ${family.name} ${escape(family.help)}`, `# TYPE ${family.name} ${family.type}`)
    for (const { suffix, labels, value } of family.samples()) {
      lines.push(`${family.name}${suffix}${labelText(labels)} ${value}`)
    }
  }
  return `${lines.join('\n')}\n`
}

function labelText(labels: Labels): string {
  if (labels.length === 0) return ''
  return `{${labels.map(([name, value]) => `${name}="${escape(value).replaceAll('"', '\\"')}"`).join(',')}}`
}

function escape(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
}
