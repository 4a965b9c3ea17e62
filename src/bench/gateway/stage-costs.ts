/** The part of a V8 CPU profile that is read here. Times are microseconds of the machine's monotonic clock. */
export interface CpuProfile {
  readonly nodes: readonly ProfileNode[]
  readonly startTime: number
  /** Node ids. */
  readonly samples: readonly number[]
  /** Time before each sample. */
  readonly timeDeltas: readonly number[]
}

export interface ProfileNode {
  readonly id: number
  /** Lines from 0. */
  readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number }
  readonly children?: readonly number[]
}

export interface StageCost {
  readonly stage: string
  /** Of the time that was not idle, between 0 and 1. */
  readonly share: number
}

/**
 * How the busy time within a window divides among the parts of the program, the dearest first. Native functions count
 * for the code that called them. V8 samples by the clock on the wall: where cores are contended, system calls, in which
 * the process loses its core most often, look dearer than they are.
 */
export function stageCosts(
  profile: CpuProfile,
  window: { readonly fromUs: number; readonly toUs: number },
): readonly StageCost[] {
  const stages = stagesOf(profile.nodes)
  const totals = new Map<string, number>()
  let at = profile.startTime
  for (const [index, id] of profile.samples.entries()) {
    at += profile.timeDeltas[index] ?? 0
    const stage = stages.get(id) ?? 'native code'
    if (at < window.fromUs || at > window.toUs || stage === 'idle') continue
    // A sample stands for the time until the next one.
    totals.set(stage, (totals.get(stage) ?? 0) + (profile.timeDeltas[index + 1] ?? 0))
  }
  const busyUs = totals.values().reduce((sum, us) => sum + us, 0)
  return Array.from(totals, ([stage, us]) => ({ stage, share: us / busyUs })).sort((a, b) => b.share - a.share)
}

function stagesOf(nodes: readonly ProfileNode[]): ReadonlyMap<number, string> {
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)))
  const own = new Map(nodes.map((node) => [node.id, ownStage(node)]))
  return new Map(
    nodes.map(({ id }) => {
      let ancestor: number | undefined = id
      while (ancestor !== undefined && own.get(ancestor) === undefined) ancestor = parents.get(ancestor)
      return [id, (ancestor === undefined ? undefined : own.get(ancestor)) ?? 'native code']
    }),
  )
}

/** `undefined` for what belongs to its caller. */
function ownStage({ callFrame: { functionName, url } }: ProfileNode): string | undefined {
  if (functionName === '(idle)') return 'idle'
  if (functionName === '(garbage collector)') return 'garbage collection'
  if (functionName === '(program)') return 'native code'
  const [, packageName] = /\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url) ?? []
  if (packageName !== undefined) return packageName
  const [, folder] = /\/src\/([^/]+)/.exec(url) ?? []
  if (folder !== undefined) return `src/${folder.replace(/\.js$/, '.ts')}`
  const [, builtin] = /^node:(?:internal\/)?(.*)$/.exec(url) ?? []
  if (builtin !== undefined) return `node:${nodePart(builtin)}`
  return url === '' ? undefined : 'other'
}

function nodePart(builtin: string): string {
  if (/^_?http/.test(builtin)) return 'http'
  if (builtin.includes('stream_base')) return 'socket reads and writes'
  if (builtin.includes('stream')) return 'streams'
  if (builtin.includes('buffer')) return 'buffer'
  if (/^net$|socket/.test(builtin)) return 'net'
  return 'timers, events and the rest'
}
