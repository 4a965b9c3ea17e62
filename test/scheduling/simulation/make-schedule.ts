import { seededRandom } from '../../../src/sim/seeded-random.ts'
import type { ArrivalHappening, Happening, Schedule, SimulatedModel } from './schedule.ts'

/**
 * A schedule of up to six models and 20 to 200 happenings, the same for the same seed. Every second seed is plain. Some
 * models are busy and some rare, arrivals come in bursts and with pauses, and memory is short.
 */
export function makeSchedule(seed: number): Schedule {
  const draw = dice(seededRandom(seed))
  const isPlain = seed % 2 === 0
  const poolNames = draw.chance(0.25) ? ['gpu', 'ram'] : ['gpu']
  const pools = Object.fromEntries(poolNames.map((name) => [name, 24]))
  const models = Array.from({ length: draw.whole(1, 6) }, (_, index) =>
    makeModel({ name: 'ABCDEF'[index] ?? 'A', poolNames, isPlain, draw }),
  )
  const names = models.map(({ name }) => name)
  const count = draw.whole(20, 200)
  const busiest = draw.whole(0, names.length - 1)
  const gapMs = draw.pick([50, 300, 1_000, 3_000])

  let atMs = 0
  const happenings: Happening[] = []
  for (let index = 0; index < count; index += 1) {
    atMs += draw.chance(0.4) ? 0 : draw.whole(0, 2 * gapMs)
    const model = draw.chance(0.5) ? (names[busiest] ?? 'A') : draw.pick(names)
    happenings.push(
      isPlain || draw.chance(0.8)
        ? { atMs, ...makeArrival({ id: `r${index}`, model, isPlain, draw }) }
        : { atMs, ...makeTrouble(model, draw) },
    )
  }
  return {
    seed,
    isPlain,
    policy: draw.chance(0.25) ? 'fifo' : 'ripe',
    pools,
    models,
    ...makeRules(names, draw),
    maxWaitMs: draw.pick([0, 2_000, 5_000, 20_000]),
    queuedPerModelMax: isPlain ? 1_000 : draw.whole(2, 30),
    queuedMax: isPlain ? 1_000 : draw.whole(5, 60),
    happenings,
  }
}

type Draw = ReturnType<typeof dice>

function makeModel({
  name,
  poolNames,
  isPlain,
  draw,
}: {
  readonly name: string
  readonly poolNames: readonly string[]
  readonly isPlain: boolean
  readonly draw: Draw
}): SimulatedModel {
  const loadMs = draw.whole(200, 6_000)
  const stopMs = draw.whole(10, 800)
  const isSpecial = !isPlain && draw.chance(0.3)
  return {
    name,
    sizeBytes: Object.fromEntries(poolNames.map((pool) => [pool, draw.whole(4, isPlain ? 24 : 26)])),
    slots: draw.whole(1, 4),
    ...(isSpecial &&
      draw.chance(0.5) && { sleepingBytes: Object.fromEntries(poolNames.map((pool) => [pool, draw.whole(0, 6)])) }),
    ...(isSpecial && draw.chance(0.3) && { concurrencyMax: draw.whole(1, 3) }),
    weight: isSpecial ? draw.pick([0.5, 2, 8]) : 1,
    isPinned: isSpecial && draw.chance(0.3),
    minimumResidencyMs: isSpecial ? draw.pick([0, 0, 5_000]) : 0,
    ...(isSpecial && draw.chance(0.5) && { ttlMs: draw.pick([1_000, 10_000]) }),
    expected: {
      loadMs: Math.round(loadMs * draw.pick([0.3, 1, 3])),
      stopMs: Math.round(stopMs * draw.pick([0.3, 1, 3])),
      serviceMs: draw.whole(100, 5_000),
    },
    loadMs,
    stopMs,
  }
}

function makeRules(names: readonly string[], draw: Draw): Pick<Schedule, 'groups' | 'matrix'> {
  if (draw.chance(0.7)) return { groups: [] }
  if (draw.chance(0.5)) {
    const half = names.length >> 1
    return {
      groups: [
        { name: 'one', members: names.slice(0, half), swap: draw.chance(0.5), exclusive: draw.chance(0.5) },
        { name: 'two', members: names.slice(half), swap: draw.chance(0.5), exclusive: draw.chance(0.5) },
      ].map((group) => ({ ...group, persistent: false })),
    }
  }
  const sets = Array.from({ length: 3 }, (_, index) => [`set${index}`, `${draw.pick(names)} & ${draw.pick(names)}`])
  return { groups: [], matrix: { sets: Object.fromEntries(sets), variables: {}, evictCosts: {} } }
}

function makeArrival({
  id,
  model,
  isPlain,
  draw,
}: {
  readonly id: string
  readonly model: string
  readonly isPlain: boolean
  readonly draw: Draw
}): ArrivalHappening {
  const serviceMs = draw.chance(0.1) ? draw.whole(1_000, 15_000) : draw.whole(20, 2_000)
  const leaves = draw.chance(isPlain ? 0.05 : 0.15) && { leavesAfterMs: draw.whole(0, 8_000) }
  const request = {
    type: 'arrive',
    requestId: id,
    model,
    principal: draw.pick(['p', 'p', 'q', 'r']),
    serviceMs,
  } as const
  if (isPlain) return { ...request, lane: 'interactive', weight: 1, patienceMs: 10_000_000, ...leaves }
  return {
    ...request,
    lane: draw.chance(0.25) ? 'background' : 'interactive',
    weight: draw.pick([1, 1, 1, 0.25, 4]),
    patienceMs: draw.whole(500, 60_000),
    ...leaves,
    ...(draw.chance(0.05) && { isLoadOnly: true }),
  }
}

function makeTrouble(model: string, draw: Draw) {
  const backOffMs = draw.whole(0, 5_000)
  return draw.pick([
    { type: 'crash', model, backOffMs },
    { type: 'failNextLoad', model, isRetryable: draw.chance(0.7), backOffMs },
    { type: 'slowNextStop', model, extraMs: draw.whole(1_000, 20_000) },
    { type: 'unload', waiting: draw.pick(['refuse', 'keep'] as const), ...(draw.chance(0.7) && { model }) },
    { type: 'pin', model, forMs: draw.whole(100, 20_000) },
    { type: 'unpin', model },
    { type: 'resize', maxWaitMs: draw.pick([0, 3_000, 30_000]), poolShare: draw.pick([0.5, 1, 1.5]) },
    { type: 'remove', model },
    { type: 'restore' },
    { type: 'restore' },
  ] as const)
}

function dice(random: () => number) {
  return {
    chance: (share: number): boolean => random() < share,
    whole: (least: number, most: number): number => least + Math.floor(random() * (most - least + 1)),
    pick: <Value>(values: readonly Value[]): Value => values[Math.floor(random() * values.length)] as Value,
  }
}
