import type { EngineMomentName } from '../../lifecycle/instance/engine-moment.ts'

/** When things happened in one swap: milliseconds of one monotonic clock. What did not happen is absent. */
export interface SwapMoments {
  /** The request that needs the model was sent. */
  readonly askedMs: number
  readonly victim: Readonly<Partial<Record<EngineMomentName, number>>>
  readonly target: Readonly<Partial<Record<EngineMomentName, number>>>
  /** First answer of any kind, and first good one, as somebody saw them who asks more often than llmr does. */
  readonly witness: { readonly answeringMs?: number; readonly servesMs?: number }
  readonly firstTokenMs: number
  /** What the engine itself says it needed for the first token. */
  readonly engineTokenMs?: number
}

/** One stretch of a swap, and who took that time: the engine, llmr, or requests that were at work. */
export const swapPhases = [
  { name: 'decide', owner: 'llmr' },
  { name: 'drain', owner: 'requests' },
  { name: 'save', owner: 'engine' },
  { name: 'prepare', owner: 'llmr' },
  { name: 'stop', owner: 'engine' },
  { name: 'memory', owner: 'llmr' },
  { name: 'launch', owner: 'llmr' },
  { name: 'spawn', owner: 'engine' },
  { name: 'load', owner: 'engine' },
  { name: 'notice', owner: 'llmr' },
  { name: 'restore', owner: 'engine' },
  { name: 'forward', owner: 'llmr' },
  { name: 'token', owner: 'engine' },
] as const

export type SwapPhase = (typeof swapPhases)[number]['name']

export type PhaseTimes = Readonly<Record<SwapPhase, number>>

/**
 * Cuts a swap into its phases: together they are the whole time from the request to its first token. A moment that was
 * not told counts as the one before it, so that its phase is empty and its time is in the next.
 */
export function phasesOf(moments: SwapMoments): PhaseTimes {
  const { victim, target, witness, askedMs, firstTokenMs, engineTokenMs } = moments
  const answering = earliest(witness.answeringMs, target.answering)
  const serves = earliest(witness.servesMs, target.loaded)
  const cuts = [
    victim.draining,
    victim.saving,
    victim.saved,
    victim.signalled,
    victim.exited,
    victim.freed,
    target.spawned,
    answering,
    serves,
    target.loaded,
    target.ready,
  ]
  const [decide, drain, save, prepare, stop, memory, launch, spawn, load, notice, restore] = spans(askedMs, cuts)
  const readyMs = Math.max(askedMs, ...cuts.filter((cut) => cut !== undefined))
  const afterReadyMs = Math.max(0, firstTokenMs - readyMs)
  const token = Math.min(afterReadyMs, engineTokenMs ?? afterReadyMs)
  return {
    decide,
    drain,
    save,
    prepare,
    stop,
    memory,
    launch,
    spawn,
    load,
    notice,
    restore,
    forward: afterReadyMs - token,
    token,
  }
}

/** Everything that is neither the engine's work nor that of requests which were there before. */
export function ownMs(phases: PhaseTimes): number {
  return swapPhases.reduce((sum, { name, owner }) => (owner === 'llmr' ? sum + phases[name] : sum), 0)
}

export function totalMs(phases: PhaseTimes): number {
  return swapPhases.reduce((sum, { name }) => sum + phases[name], 0)
}

type Eleven = [number, number, number, number, number, number, number, number, number, number, number]

/** Lengths between neighbouring cuts; one that is absent, or before its neighbour, makes an empty stretch. */
function spans(startMs: number, cuts: readonly (number | undefined)[]): Eleven {
  const lengths: Eleven = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
  let atMs = startMs
  for (const [index, cut] of cuts.entries()) {
    const untilMs = Math.max(atMs, cut ?? atMs)
    lengths[index] = untilMs - atMs
    atMs = untilMs
  }
  return lengths
}

function earliest(one: number | undefined, other: number | undefined): number | undefined {
  if (one === undefined || other === undefined) return one ?? other
  return Math.min(one, other)
}
