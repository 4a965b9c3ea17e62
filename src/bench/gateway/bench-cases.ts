import type { BenchModel } from './canned-replies.ts'
import type { BenchDialect } from './dialect-requests.ts'
import type { LoadShape } from './drive-load.ts'

/** One kind of load, put on each target in turn. */
export interface BenchCase {
  /** Stable, for `--only` and for comparing runs: `json-1k-c32`. */
  readonly name: string
  readonly model: BenchModel
  readonly requestBytes: number
  readonly shape: LoadShape
  /** What the clients speak; `openai-chat` unless it says otherwise. */
  readonly dialect?: BenchDialect
}

export interface CaseOptions {
  readonly durationMs: number
  readonly isQuick: boolean
  /** Substrings of names; every case when empty. */
  readonly only: readonly string[]
}

const sizes = [
  { label: '1k', bytes: 1000 },
  { label: '100k', bytes: 100_000 },
]

export function benchCases({ durationMs, isQuick, only }: CaseOptions): readonly BenchCase[] {
  const clientCounts = isQuick ? [1, 32] : [1, 32, 256]
  const closed = sizes.flatMap(({ label, bytes }) =>
    clientCounts.map((clients): BenchCase => ({
      name: `json-${label}-c${clients}`,
      model: 'bench-json',
      requestBytes: bytes,
      shape: { kind: 'closed', clients, durationMs },
    })),
  )
  const open = (isQuick ? [200] : [200, 500]).map((perSecond): BenchCase => ({
    name: `json-1k-r${perSecond}`,
    model: 'bench-json',
    requestBytes: 1000,
    shape: { kind: 'open', perSecond, durationMs },
  }))
  const burst = clientCounts.map((clients): BenchCase => ({
    name: `burst-1k-c${clients}`,
    model: 'bench-burst',
    requestBytes: 1000,
    shape: { kind: 'closed', clients, durationMs },
  }))
  // One stream for each client: they last four seconds, and a window that cut them would count half-used ones.
  const paced = clientCounts.map((clients): BenchCase => ({
    name: `paced-1k-c${clients}`,
    model: 'bench-paced',
    requestBytes: 1000,
    shape: { kind: 'counted', clients, requests: clients },
  }))
  return [...closed, ...open, ...burst, ...paced].filter(
    ({ name }) => only.length === 0 || only.some((part) => name.includes(part)),
  )
}
