import type { ResidencyPlan } from '../../gateway/fleet/residency-plan.ts'
import type { EngineMoment } from '../../lifecycle/instance/engine-moment.ts'
import type { SwapMoments } from './swap-phases.ts'
import { watchEngine } from './witness.ts'

type Told = Pick<SwapMoments, 'victim' | 'target' | 'witness'>

/** Gathers what becomes of the two engines of a swap, and sets the witness on the one that comes. */
export class MomentLog {
  readonly #readyUrlOf: (model: string, url: string) => string | undefined
  #onMoment: ((moment: EngineMoment) => void) | undefined

  constructor({ models }: ResidencyPlan) {
    const launches = new Map(models.map(({ name, launch }) => [name, launch]))
    this.#readyUrlOf = (model, url) => launches.get(model)?.planFor(Number(new URL(url).port)).readyUrl
  }

  add(moment: EngineMoment): void {
    this.#onMoment?.(moment)
  }

  begin({ from, to, signal }: { readonly from: string; readonly to: string; readonly signal: AbortSignal }) {
    const watch = new AbortController()
    const victim: Record<string, number> = {}
    const target: Record<string, number> = {}
    let watching: ReturnType<typeof watchEngine> | undefined
    this.#onMoment = ({ model, name, atMs, url }) => {
      if (model === from) victim[name] = atMs
      if (model !== to) return
      target[name] = atMs
      const readyUrl = name === 'spawned' && url !== undefined ? this.#readyUrlOf(to, url) : undefined
      if (readyUrl !== undefined) watching = watchEngine(readyUrl, AbortSignal.any([signal, watch.signal]))
    }
    return {
      end: async (): Promise<Told> => {
        this.#onMoment = undefined
        watch.abort()
        const witness = (await watching) ?? {}
        return { victim, target, witness }
      },
    }
  }
}
