import { defaultReplayHost, modelsOfTrace } from './replay-host.ts'
import type { ReplayHost, ReplayModel } from './replay-host.ts'
import { parseTrace } from './trace.ts'
import type { TraceRow } from './trace-row.ts'

/** A workload and the hosts it is tried on, as an operator writes them down. */
export interface ScenarioText {
  readonly trace: string
  readonly speed: string
  readonly maxWait: string
  readonly timeout: string
  /** Several are tried one after the other, each with each disk. */
  readonly vram: readonly string[]
  readonly diskGbps: readonly string[]
  readonly busGbps: string
  readonly ram: string
  readonly spawn: string
  readonly stop: string
  readonly prefixCache: ReplayHost['prefixCache']
  /** `MODEL=SIZE` */
  readonly size: readonly string[]
  readonly sizes: readonly string[]
  readonly slots: number
}

export interface Scenario {
  readonly rows: readonly TraceRow[]
  readonly models: readonly ReplayModel[]
  readonly hosts: readonly ReplayHost[]
  readonly maxWaitMs: number
  readonly timeoutMs: number
  /** Lines of a log that are no requests. */
  readonly passedOver: number
}

/** How amounts are written; the value, or a problem. */
export type AmountReader = (text: string) => { readonly value: number } | { readonly problem: string }

/** Thrown for the first thing that cannot be read. The message names it as it is called on the command line. */
export class ScenarioProblem extends Error {}

/** @throws ScenarioProblem */
export function readScenario(
  text: ScenarioText,
  readers: { readonly size: AmountReader; readonly duration: AmountReader },
): Scenario {
  const sizeOf = (name: string, written: string): number => amount(name, readers.size, written)
  const durationOf = (name: string, written: string): number => amount(name, readers.duration, written)

  const { rows, passedOver } = traceOf(text)
  const host = {
    ...defaultReplayHost,
    ramBytes: sizeOf('--ram', text.ram),
    busRate: 1e9 * amount('--bus-gbps', readNumber, text.busGbps),
    spawnMs: durationOf('--spawn', text.spawn),
    stopMs: durationOf('--stop', text.stop),
    prefixCache: text.prefixCache,
  }
  const scenario = {
    rows,
    passedOver,
    models: modelsOfTrace(rows, {
      sizes: Object.fromEntries(text.size.map((pair) => sizePair(pair, sizeOf))),
      sizeCycle: text.sizes.map((written) => sizeOf('--sizes', written)),
      slots: text.slots,
    }),
    hosts: text.vram.flatMap((vram) =>
      text.diskGbps.map((disk) => ({
        ...host,
        vramBytes: sizeOf('--vram', vram),
        diskRate: 1e9 * amount('--disk-gbps', readNumber, disk),
      })),
    ),
    maxWaitMs: durationOf('--max-wait', text.maxWait),
    timeoutMs: durationOf('--timeout', text.timeout),
  }
  mustFit(scenario, text.size)
  return scenario
}

function traceOf(text: ScenarioText) {
  const trace = parseTrace(text.trace)
  if ('problem' in trace) throw new ScenarioProblem(`The trace: ${trace.problem}.`)
  const speed = amount('--speed', readNumber, text.speed)
  return { ...trace, rows: trace.rows.map((row) => ({ ...row, arrivalMs: row.arrivalMs / speed })) }
}

function sizePair(pair: string, sizeOf: (name: string, written: string) => number): readonly [string, number] {
  const at = pair.lastIndexOf('=')
  if (at < 1) throw new ScenarioProblem(`--size: expected MODEL=SIZE, such as qwen3-8b=6GB; got ${pair}.`)
  return [pair.slice(0, at), sizeOf('--size', pair.slice(at + 1))]
}

/** A model that never fits would be refused, and the comparison would be about something else. */
function mustFit({ models, hosts }: Pick<Scenario, 'models' | 'hosts'>, named: readonly string[]): void {
  const names = named.map((pair) => pair.slice(0, pair.lastIndexOf('=')))
  const unknown = names.find((name) => !models.some((model) => model.name === name))
  if (unknown !== undefined) throw new ScenarioProblem(`--size: the trace asks for no model named ${unknown}.`)
  const leastBytes = Math.min(...hosts.map(({ vramBytes }) => vramBytes))
  const tooLarge = models.find(({ sizeBytes }) => sizeBytes > leastBytes)
  if (tooLarge === undefined) return
  throw new ScenarioProblem(
    `${tooLarge.name} needs ${tooLarge.sizeBytes} bytes and --vram has ${leastBytes}; say what it needs with --size.`,
  )
}

function amount(name: string, reader: AmountReader, written: string): number {
  const read = reader(written)
  if ('value' in read) return read.value
  throw new ScenarioProblem(`${name}: ${read.problem}; got ${written}.`)
}

const readNumber: AmountReader = (written) => {
  const value = Number(written)
  return value > 0 && value < Infinity ? { value } : { problem: 'expected a number above 0' }
}
