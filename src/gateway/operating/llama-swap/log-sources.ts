import type { LineTail, TailLine } from '../../../telemetry/line-tail.ts'
import type { Residency } from '../../fleet/residency.ts'
import { noResidency } from '../admin-api.ts'
import { expectModel } from './expect-model.ts'

export interface LogSource {
  lines(): readonly TailLine[]
  follow(listener: (line: TailLine) => void): () => void
}

/**
 * @param of `proxy`: the gateway's own; `upstream`: all engines'; a model's; without: everything
 * @throws LlmrError `model_not_found`
 */
export function logSources(
  of: string | undefined,
  { ownLog, residency }: { ownLog: LineTail; residency: Residency | undefined },
): readonly LogSource[] {
  const models = residency?.managed.list ?? []
  const engineLog = (name: string): LogSource => prefixed(residency?.logs(name), `[${name}] `)
  switch (of) {
    case undefined:
      return [ownLog, ...models.map(({ name }) => engineLog(name))]
    case 'proxy':
      return [ownLog]
    case 'upstream':
      return models.map(({ name }) => engineLog(name))
    default: {
      const { name } = expectModel(residency ?? noResidency(), of)
      return [prefixed(residency?.logs(name), '')]
    }
  }
}

/** What the sources hold, in the order of time. */
export function logLines(sources: readonly LogSource[]): readonly string[] {
  return sources
    .flatMap((source) => source.lines())
    .toSorted((one, other) => one.atMs - other.atMs)
    .map(({ text }) => `${text}\n`)
}

function prefixed(log: LogSource | undefined, prefix: string): LogSource {
  const withPrefix = ({ atMs, text }: TailLine): TailLine => ({ atMs, text: prefix + text })
  return {
    lines: () => log?.lines().map(withPrefix) ?? [],
    follow: (listener) => log?.follow((line) => listener(withPrefix(line))) ?? ((): void => undefined),
  }
}
