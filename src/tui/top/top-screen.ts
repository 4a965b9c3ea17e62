import { gibibytes, rate, span, sparkline } from './amounts.ts'
import { fitTables } from './fit-tables.ts'
import { clipLine, type ScreenLine } from './screen-line.ts'
import { tableFrameRows, tableLines } from './top-table.ts'
import { bar, topTables } from './top-tables.ts'
import type { TopPool, TopSnapshot } from './top-snapshot.ts'

export interface TopScreen {
  readonly snapshot: TopSnapshot
  readonly columns: number
  /** Infinite: as many as it takes. */
  readonly rows: number
  /** Why what is shown is not of this moment. */
  readonly problem?: string
  /** What the keys do; absent where there are none. */
  readonly keys?: string
}

/** The whole screen in the room there is: title, memory, then the tables, each cut as little as it can be. */
export function topScreen({ snapshot, columns, rows, problem, keys }: TopScreen): readonly ScreenLine[] {
  const { pools } = snapshot
  const tables = topTables(snapshot)
  const head: readonly ScreenLine[] = [
    titleLine(snapshot, columns),
    [{ text: problem ?? recordingText(snapshot), color: 'red' }],
    ...pools.map((pool) => poolLine(pool, { columns, nameWidth: nameWidthOf(pools) })),
  ]
  const foot: readonly ScreenLine[] = keys === undefined ? [] : [[], [{ text: keys, isDim: true }]]
  const wishes = tables.map((table) => ({ wanted: table.rows.length, rank: table.rank }))
  const shares = fitTables(wishes, { room: rows - head.length - foot.length, frame: tableFrameRows })
  const body = tables.flatMap((table, index) => {
    const share = shares[index] ?? 0
    return share > 0 ? tableLines(table, { rows: share, width: columns }) : []
  })
  const quiet: readonly ScreenLine[] = [[{ text: 'Nothing has been asked for yet.', isDim: true }]]
  return [...head, ...(tables.length === 0 ? quiet : body), ...foot].map((line) => clipLine(line, columns))
}

function titleLine({ gateway, atMs, tokenRates }: TopSnapshot, columns: number): ScreenLine {
  const name = `llmr ${gateway.version}`
  const facts = `  ${gateway.url}  up ${span(atMs - gateway.startedAtMs)}`
  const speed = `${rate(tokenRates.at(-1) ?? 0)} tok/s ${sparkline(tokenRates)}`
  const room = columns - name.length - facts.length - speed.length
  return [
    { text: name, isBold: true },
    { text: facts, isDim: true },
    ...(room < 2 ? [] : [{ text: `${' '.repeat(room)}${speed}`, color: 'green' } as const]),
  ]
}

/** Whoever looks is to know that what people say is being written down. */
function recordingText({ recordedBy = [] }: TopSnapshot): string {
  return recordedBy.length === 0 ? '' : `Requests are being recorded by ${recordedBy.join(', ')}.`
}

function poolLine(
  { name, sizeBytes, usedBytes }: TopPool,
  { columns, nameWidth }: { columns: number; nameWidth: number },
): ScreenLine {
  const figures = `${gibibytes(usedBytes)} of ${gibibytes(sizeBytes)} GiB`
  const cells = Math.max(8, Math.min(60, columns - nameWidth - figures.length - 4))
  const share = sizeBytes === 0 ? 0 : usedBytes / sizeBytes
  const color = share > 0.95 ? 'red' : share > 0.8 ? 'yellow' : 'green'
  return [{ text: `${name.padEnd(nameWidth)}  ` }, { text: bar(share, cells), color }, { text: `  ${figures}` }]
}

function nameWidthOf(pools: readonly TopPool[]): number {
  return Math.max(0, ...pools.map(({ name }) => name.length))
}
