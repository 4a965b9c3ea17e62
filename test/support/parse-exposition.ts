export interface ExposedSample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/** Reads the Prometheus text format, and throws on a line that is not in it. */
export function parseExposition(text: string): readonly ExposedSample[] {
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('# HELP ') && !line.startsWith('# TYPE '))
    .map(parseSample)
}

function parseSample(line: string): ExposedSample {
  const [, name, labels = '', value = ''] = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? ([^ ]+)$/.exec(line) ?? []
  if (name === undefined || !isNumber.test(value)) throw new Error(`not a sample: ${line}`)
  return { name, labels: parseLabels(labels), value: Number(value.replace('Inf', 'Infinity')) }
}

/** As Go's ParseFloat reads it, which is what Prometheus uses: NaN and Inf in any case. */
const isNumber = /^(?:nan|[+-]?inf|[+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/i

function parseLabels(text: string): Record<string, string> {
  const labels: Record<string, string> = {}
  let rest = text
  while (rest !== '') {
    const match = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\["\\n])*)"(?:,|$)/.exec(rest)
    if (match === null) throw new Error(`not a label: ${rest}`)
    const [all, name = '', value = ''] = match
    labels[name] = value.replaceAll(/\\(.)/g, (_, character: string) => (character === 'n' ? '\n' : character))
    rest = rest.slice(all.length)
  }
  return labels
}
