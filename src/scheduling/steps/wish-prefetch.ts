import { prefetchMax } from '../scheduler-effect.ts'
import type { ModelState } from '../state/model-state.ts'
import type { SchedulerState, Step } from '../state/scheduler-state.ts'

/** Tells which files are worth reading ahead, when that has changed. */
export function wishPrefetch({ state, nowMs, emit }: Step): void {
  const models = wishes(state, nowMs)
    .slice(0, prefetchMax)
    .map(({ name }) => name)
  const before = state.prefetchList
  if (models.length === before.length && models.every((name, index) => name === before[index])) return
  state.prefetchList = models
  emit({ type: 'prefetch', models })
}

/** First what comes next, then what waits, the oldest first; when nobody waits, the likeliest and slowest to load. */
function wishes(state: SchedulerState, nowMs: number): readonly ModelState[] {
  const coming = state.swaps.flatMap(({ target }) => state.models.get(target) ?? [])
  const absent = Array.from(state.models.values()).filter(
    (model) => model.phase === 'absent' && !coming.includes(model),
  )
  const waiting = absent
    .filter(({ queue }) => queue.length > 0)
    .toSorted((one, other) => sequenceOf(one) - sequenceOf(other))
  if (coming.length + waiting.length > 0) return [...coming, ...waiting]
  return absent
    .map((model) => ({ model, worth: worthOf(model, nowMs) }))
    .filter(({ worth }) => worth > 0)
    .toSorted((one, other) => other.worth - one.worth)
    .map(({ model }) => model)
}

function sequenceOf({ queue }: ModelState): number {
  return queue.oldest()?.sequence ?? Infinity
}

function worthOf(model: ModelState, nowMs: number): number {
  const { rate, loadMs } = model.traffic(nowMs)
  return rate * loadMs
}
