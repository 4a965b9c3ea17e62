import { expect, test } from 'vitest'

import { EngineCounters } from '../../src/sim/engine-counters.ts'
import { engineSettings } from '../../src/sim/engine-options.ts'
import { parseCompletionBody } from '../../src/sim/generation-body.ts'
import { generate } from '../../src/sim/generate.ts'
import { Pace } from '../../src/sim/pace.ts'
import { SlotPool } from '../../src/sim/slot-pool.ts'

const { signal } = new AbortController()

/** An engine in stepped time: 1,000 prompt tokens and 10 reply tokens a second. */
function steppedEngine() {
  let nowMs = 0
  const clock = { now: () => nowMs, monotonic: () => nowMs }
  const wait = async (ms: number): Promise<void> => {
    nowMs += ms
  }
  const settings = engineSettings({ clock, prefillRate: 1000, decodeRate: 10, contextLength: 20_000 })
  return {
    now: clock.now,
    surroundings: {
      settings,
      pool: new SlotPool(1),
      pace: new Pace({ clock, timeScale: 1, wait }),
      counters: new EngineCounters(),
      nextId: () => 'id',
      script: undefined,
      firstTokenDelayMs: 0,
      signal,
    },
  }
}

test('a prompt takes its time in batches, then each token of the reply does', async () => {
  const { now, surroundings } = steppedEngine()
  const request = parseCompletionBody({ prompt: 'a b c d e '.repeat(1000), max_tokens: 3 })
  expect(request.prompt).toHaveLength(5001)
  const seen: [string, number][] = []
  for await (const event of generate(request, surroundings)) {
    const what = event.type === 'progress' ? `read ${event.progress.processed}` : event.type
    seen.push([what, Math.round(now())])
  }
  expect(seen).toEqual([
    ['read 0', 0],
    ['read 2048', 2048],
    ['read 4096', 4096],
    ['read 5001', 5001],
    ['piece', 5101],
    ['piece', 5201],
    ['piece', 5301],
    ['end', 5301],
  ])
})

test('a conversation that goes on is read from where it stopped, and the counters tell both', async () => {
  const { now, surroundings } = steppedEngine()
  const first = parseCompletionBody({ prompt: 'once upon a time', max_tokens: 2 })
  for await (const _ of generate(first, surroundings)) {
    // only what the slot then holds matters
  }
  const startedAt = now()
  const reply = 'Simulate'
  const next = parseCompletionBody({ prompt: `once upon a time${reply} and more`, max_tokens: 1 })
  const results = []
  for await (const event of generate(next, surroundings)) if (event.type === 'end') results.push(event.result)
  expect(results[0]?.timings).toMatchObject({ cache_n: first.prompt.length + 2, prompt_n: 2, prompt_ms: 2 })
  expect(now() - startedAt).toBeCloseTo(2 + 100)
  expect(surroundings.counters).toMatchObject({ cachedTokens: first.prompt.length + 2, predictedTokens: 3 })
})

test('work that is given up leaves the slot free, with what it had read', async () => {
  const { surroundings } = steppedEngine()
  const request = parseCompletionBody({ prompt: 'once upon a time' })
  for await (const event of generate(request, surroundings)) if (event.type === 'piece') break
  const [slot] = surroundings.pool.slots
  expect(slot).toMatchObject({ isBusy: false })
  expect(slot?.tokens.slice(0, request.prompt.length)).toEqual(request.prompt)
})
