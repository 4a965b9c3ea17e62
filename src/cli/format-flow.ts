import type { Flow, FlowFacts, FlowSource, FlowStep, FlowStepType } from '../core/flow.ts'
import { defaultTenant } from '../core/principal.ts'

/** The gateway's own answer, or the store's: only its outline is checked. */
export function readFlows(reply: unknown): readonly Flow[] {
  const flows: unknown = typeof reply === 'object' && reply !== null ? Reflect.get(reply, 'flows') : undefined
  return Array.isArray(flows) ? (flows as Flow[]) : []
}

/** One flow as a person reads it: the request, and below it what came of what, with what the model was shown. */
export function formatFlow(flow: Flow): string {
  const lines: Line[] = []
  addStep(lines, flow, { place: 0, indent: '', mark: '' })
  const width = Math.min(widthMax, Math.max(...lines.map(({ text }) => text.length)))
  return [
    headOf(flow),
    ...lines.map(({ text, time }) => (time === '' ? text : `${text.padEnd(width)}  ${time.padStart(10)}`)),
  ].join('\n')
}

const widthMax = 96

interface Line {
  readonly text: string
  readonly time: string
}

function headOf(flow: Flow): string {
  const whose = flow.tenant === defaultTenant ? flow.principal : `${flow.tenant}/${flow.principal}`
  const head = [flow.requestId, new Date(flow.startedAtMs).toISOString(), whose]
  const label = flow.correlationId === flow.requestId ? [] : [`correlation ${flow.correlationId}`]
  const talk = flow.conversation === undefined ? [] : [`conversation ${flow.conversation}`]
  return [head.join('  '), ...[...label, ...talk].map((line) => `  ${line}`)].join('\n')
}

function addStep(lines: Line[], flow: Flow, at: { place: number; indent: string; mark: string }): void {
  const step = flow.steps[at.place]
  if (step === undefined) return
  lines.push({ text: `${at.mark}${titleOf(step, flow, at.place)}`, time: duration(step.durationUs) })
  const children: ((last: boolean) => void)[] = [
    ...(step.type === 'retrieve' ? flow.sources : []).map((source) => (last: boolean) => {
      lines.push({ text: `${at.indent}${last ? '└─ ' : '├─ '}${sourceLine(source)}`, time: '' })
    }),
    ...childrenOf(flow, at.place).map((place) => (last: boolean) => {
      addStep(lines, flow, {
        place,
        indent: `${at.indent}${last ? '   ' : '│  '}`,
        mark: `${at.indent}${last ? '└─ ' : '├─ '}`,
      })
    }),
  ]
  children.forEach((add, index) => add(index === children.length - 1))
}

/** Every step stands once: below the first that it goes back to. */
function childrenOf({ edges, steps }: Flow, place: number): readonly number[] {
  return steps.flatMap((_, to) => (edges.find((edge) => edge.to === to)?.from === place && to > place ? [to] : []))
}

function titleOf(step: FlowStep, { edges, steps }: Flow, place: number): string {
  const [, ...others] = edges.filter(({ to }) => to === place)
  const also = others.map(({ from, relation }) => `${relation.replace('-', ' ')} ${steps[from]?.type ?? from}`)
  const parts = [
    step.type,
    ...(step.hasFailed === true ? ['✗'] : []),
    ...(step.ref === undefined ? [] : [step.ref]),
    laterOf(step),
    factsOf(step.facts),
    ...(also.length === 0 ? [] : [`(${also.join(', ')})`]),
    ...(step.digest === undefined ? [] : [`#${step.digest.slice(0, 8)}`]),
  ]
  return parts.filter((part) => part !== '').join('  ')
}

/** What workers did, in seconds after the request began: nobody waited for it, and it may be days. */
export function laterOf({ type, startedUs }: FlowStep): string {
  return deferredStepTypes.has(type) ? `+${(startedUs / 1_000_000).toFixed(1)} s` : ''
}

const deferredStepTypes: ReadonlySet<FlowStepType> = new Set(['persist', 'embed', 'summarise'])

function sourceLine({ kind, ref, rank, score, isInjected, tokens, reason, digest }: FlowSource): string {
  const parts = [
    `${isInjected ? '✓' : '·'} ${kind} ${ref}`,
    `rank ${rank}`,
    ...(score === undefined ? [] : [score.toFixed(3)]),
    ...(tokens === undefined ? [] : [`${tokens} tokens`]),
    ...(reason === undefined ? [] : [reason]),
    ...(digest === undefined ? [] : [`#${digest.slice(0, 8)}`]),
  ]
  return parts.join('  ')
}

/** `prompt_tokens: 40` as `40 prompt tokens`; what is true by its name, what is not so not at all. */
function factsOf(facts: FlowFacts = {}): string {
  return Object.entries(facts)
    .flatMap(([name, value]) => {
      const words = name.replaceAll('_', ' ')
      if (value === undefined || value === false) return []
      if (value === true) return [words.replace(/^is /, '')]
      if (name.endsWith('_ms')) return [`${words.slice(0, -' ms'.length)} ${value} ms`]
      if (name === 'status') return [String(value)]
      if (ordinals.has(name)) return [`${words} ${value}`]
      if (typeof value === 'number') return [`${value} ${words}`]
      return [value]
    })
    .join(', ')
}

const ordinals = new Set(['from_round', 'to_round', 'level'])

function duration(us: number | undefined): string {
  if (us === undefined) return ''
  return us >= 10_000 ? `${Math.round(us / 1000)} ms` : `${(us / 1000).toFixed(1)} ms`
}
