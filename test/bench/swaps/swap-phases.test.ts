import fc from 'fast-check'
import { expect, test } from 'vitest'

import { ownMs, phasesOf, swapPhases, totalMs } from '../../../src/bench/swaps/swap-phases.ts'

const going = ['draining', 'saving', 'saved', 'signalled', 'exited', 'freed'] as const
const coming = ['spawned', 'answering', 'loaded', 'ready'] as const

/** Moments in their order, each some time after the one before; some of them never told. */
const swaps = fc
  .record({
    gaps: fc.array(fc.double({ min: 0, max: 5000, noNaN: true }), { minLength: 11, maxLength: 11 }),
    untold: fc.uniqueArray(fc.nat(9), { maxLength: 9 }),
    engineTokenMs: fc.option(fc.double({ min: 0, max: 9000, noNaN: true }), { nil: undefined }),
    witnessEarlierByMs: fc.double({ min: 0, max: 25, noNaN: true }),
  })
  .map(({ gaps, untold, engineTokenMs, witnessEarlierByMs }) => {
    const times = gaps.reduce<number[]>((list, gap) => [...list, (list.at(-1) ?? 1000) + gap], [])
    const told = [...going, ...coming].flatMap((name, index) =>
      untold.includes(index) ? [] : ([[name, times[index] ?? 0]] as const),
    )
    const moments = Object.fromEntries(told)
    return {
      askedMs: 1000,
      victim: moments,
      target: moments,
      witness: moments['loaded'] === undefined ? {} : { servesMs: moments['loaded'] - witnessEarlierByMs },
      firstTokenMs: times[10] ?? 0,
      ...(engineTokenMs !== undefined && { engineTokenMs }),
    }
  })

test('the phases of a swap add up to the time from its request to its first token, whatever was told of it', () => {
  fc.assert(
    fc.property(swaps, (swap) => {
      expect(totalMs(phasesOf(swap))).toBeCloseTo(swap.firstTokenMs - swap.askedMs, 6)
    }),
  )
})

test('no phase is negative, and what is llmr’s own is never more than the whole', () => {
  fc.assert(
    fc.property(swaps, (swap) => {
      const phases = phasesOf(swap)
      for (const { name } of swapPhases) expect(phases[name]).toBeGreaterThanOrEqual(0)
      expect(ownMs(phases)).toBeLessThanOrEqual(totalMs(phases) + 1e-6)
    }),
  )
})

const whole = {
  askedMs: 0,
  victim: { draining: 3, saving: 10, saved: 30, signalled: 32, exited: 132, freed: 152 },
  target: { starting: 153, spawned: 160, answering: 200, loaded: 520, ready: 550 },
  witness: { answeringMs: 190, servesMs: 505 },
  firstTokenMs: 650,
  engineTokenMs: 90,
} as const

test('each stretch of a swap is laid at the door of whoever took it', () => {
  expect(phasesOf(whole)).toEqual({
    decide: 3,
    drain: 7,
    save: 20,
    prepare: 2,
    stop: 100,
    memory: 20,
    launch: 8,
    spawn: 30,
    load: 315,
    notice: 15,
    restore: 30,
    forward: 10,
    token: 90,
  })
})

test('llmr’s own polling is counted against llmr: the witness saw the engine serve before llmr did', () => {
  const { witness: _, ...alone } = whole
  expect(ownMs(phasesOf(whole)) - ownMs(phasesOf({ ...alone, witness: {} }))).toBe(15)
})

test('the first token of an engine that tells no times counts as the engine’s', () => {
  const { engineTokenMs: _, ...silent } = whole
  expect(phasesOf(silent)).toMatchObject({ forward: 0, token: 100 })
})
