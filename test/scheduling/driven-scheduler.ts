import { ripe } from '../../src/scheduling/policies/ripe.ts'
import { plainModel } from '../../src/scheduling/scheduler-model.ts'
import type { SchedulerModel } from '../../src/scheduling/scheduler-model.ts'
import type { SchedulerEffect } from '../../src/scheduling/scheduler-effect.ts'
import type { ArriveEvent, SchedulerEvent } from '../../src/scheduling/scheduler-event.ts'
import { schedulerDefaults } from '../../src/scheduling/scheduler-settings.ts'
import type { SchedulerSettings } from '../../src/scheduling/scheduler-settings.ts'
import { createScheduler } from '../../src/scheduling/scheduler.ts'
import type { Scheduler } from '../../src/scheduling/scheduler.ts'

type EventWithoutTime = SchedulerEvent extends infer Event
  ? Event extends unknown
    ? Omit<Event, 'nowMs'>
    : never
  : never

/** A scheduler with a clock that a test moves. Effects are read as short words: `serve r1`, `start A`, `stop B`. */
export class DrivenScheduler {
  readonly scheduler: Scheduler
  settings: SchedulerSettings
  nowMs = 0
  readonly effects: SchedulerEffect[] = []

  constructor(models: readonly SchedulerModel[], change: Partial<SchedulerSettings> = {}) {
    this.settings = { ...schedulerDefaults, policy: ripe, pools: { gpu: 24 }, models, ...change }
    this.scheduler = createScheduler(this.settings)
  }

  /** Hands in one event at the present time and gives back what should be done, wake-ups and wishes left out. */
  tell(event: EventWithoutTime): readonly string[] {
    const effects = this.scheduler.handle({ ...event, nowMs: this.nowMs })
    this.effects.push(...effects)
    if (event.type === 'tick') this.wakeAtMs = Infinity
    for (const effect of effects) if (effect.type === 'wakeAt') this.wakeAtMs = effect.atMs
    return effects.flatMap(inWords)
  }

  arrive(requestId: string, model: string, change: Partial<ArriveEvent> = {}): readonly string[] {
    return this.tell({
      type: 'arrive',
      requestId,
      model,
      lane: 'interactive',
      principal: 'someone',
      weight: 1,
      deadlineMs: this.nowMs + 600_000,
      ...change,
    })
  }

  finish(requestId: string): readonly string[] {
    return this.tell({ type: 'finished', requestId })
  }

  loaded(model: string): readonly string[] {
    return this.tell({ type: 'loaded', model, loadMs: 1_000 })
  }

  stopped(model: string): readonly string[] {
    return this.tell({ type: 'stopped', model })
  }

  configure(change: Partial<SchedulerSettings>): readonly string[] {
    this.settings = { ...this.settings, ...change }
    return this.tell({ type: 'configure', settings: this.settings })
  }

  /** Moves the clock and sends every wake-up that was asked for on the way. */
  pass(ms: number): readonly string[] {
    const until = this.nowMs + ms
    const words: string[] = []
    for (;;) {
      const wakeMs = this.wakeAtMs
      if (wakeMs > until) break
      this.nowMs = wakeMs
      words.push(...this.tell({ type: 'tick' }))
    }
    this.nowMs = until
    return words
  }

  /** Makes the model resident and idle. */
  load(model: string): this {
    this.arrive(`load ${model}`, model, { isLoadOnly: true })
    this.loaded(model)
    return this
  }

  phase(model: string): string | undefined {
    return this.standing(model)?.phase
  }

  standing(model: string) {
    return this.scheduler.snapshot(this.nowMs).models.find(({ name }) => name === model)
  }

  refusal(requestId: string) {
    return this.effects.flatMap((effect) =>
      effect.type === 'refuse' && effect.requestId === requestId ? [effect] : [],
    )[0]
  }

  /** The latest wake-up asked for that has not come yet. */
  wakeAtMs = Infinity

  get prefetchList(): readonly string[] {
    return this.effects.flatMap((effect) => (effect.type === 'prefetch' ? [effect.models] : [])).at(-1) ?? []
  }
}

export function modelNamed(
  name: string,
  change: Partial<SchedulerModel> & { readonly bytes?: number } = {},
): SchedulerModel {
  const { bytes = 16, ...rest } = change
  return { ...plainModel, name, sizeBytes: { gpu: bytes }, ...rest }
}

function inWords(effect: SchedulerEffect): readonly string[] {
  switch (effect.type) {
    case 'serve':
      return [`serve ${effect.requestId}`]
    case 'refuse':
      return [`refuse ${effect.requestId}`]
    case 'start':
    case 'stop':
      return [`${effect.type} ${effect.model}`]
    case 'policyFailed':
      return [effect.type]
    case 'prefetch':
    case 'wakeAt':
      return []
  }
}
