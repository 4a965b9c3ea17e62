import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'

import { openaiChatDialect, openaiDialect } from '../../../src/dialects/openai/openai-dialect.ts'
import { StreamPulse, StreamPulses } from '../../../src/gateway/request/stream-pulse.ts'
import { type MemoryExchange, memoryExchange } from '../../support/memory-exchange.ts'

const settings = { intervalMs: 10, deltaIntervalMs: 60 }
const comment = ': keep-alive\n\n'

/** A pulse with its clock at hand. */
function startPulse(options: Parameters<typeof memoryExchange>[0] = {}) {
  const clock = { now: 0 }
  const memory = memoryExchange(options)
  const pulse = new StreamPulse(memory.exchange, () => clock.now)
  const chunks: string[] = []
  const { exchange } = memory
  const write = exchange.write.bind(exchange)
  exchange.write = (chunk) => {
    chunks.push(chunk.toString())
    return write(chunk)
  }
  const beatAt = (now: number): void => {
    clock.now = now
    pulse.beat(now, settings)
  }
  /** A chunk of the engine's. */
  const relay = (text: string): void => {
    if (!exchange.hasBegun) exchange.beginEventStream()
    exchange.write(Buffer.from(text))
    pulse.sawChunk()
  }
  return { pulse, exchange, chunks, beatAt, relay, clock }
}

test('a stream is opened after one interval of silence and not before', () => {
  const { exchange, beatAt, chunks } = startPulse()
  beatAt(9)
  expect(exchange.hasBegun).toBe(false)
  beatAt(10)
  expect(exchange.record.status).toBe(200)
  expect(chunks).toEqual([comment])
  expect(exchange.record.timeline).toMatchObject([{ event: 'stream-opened-early' }])
})

test('each interval of silence gets one comment, and every delta_interval an empty delta instead', () => {
  const { beatAt, chunks } = startPulse()
  for (let now = 1; now <= 130; now++) beatAt(now)
  const isDelta = chunks.map((chunk) => chunk.startsWith('data: '))
  expect(chunks).toHaveLength(13)
  expect(isDelta.flatMap((is, index) => (is ? [index] : []))).toEqual([5, 11])
  expect(JSON.parse(chunks[5]!.slice('data: '.length))).toMatchObject({
    object: 'chat.completion.chunk',
    choices: [{ index: 0, delta: { content: '' }, finish_reason: null }],
  })
})

test('a dialect without empty deltas gets comments only', () => {
  const { beatAt, chunks } = startPulse({ dialect: openaiDialect })
  for (let now = 10; now <= 200; now += 10) beatAt(now)
  expect(new Set(chunks)).toEqual(new Set([comment]))
})

test('what the engine sends counts as a sign of life, as of the beat after it', () => {
  const { beatAt, relay, chunks } = startPulse()
  beatAt(5)
  relay('data: {}\n\n')
  beatAt(12)
  beatAt(21)
  expect(chunks).toEqual(['data: {}\n\n'])
  beatAt(22)
  expect(chunks).toEqual(['data: {}\n\n', comment])
})

test.each(['data: {"a"', 'data: {}', 'data: {}\n', 'data: {}\r\n\r'])(
  'nothing is put into an event that ends so far in %j',
  (torn) => {
    const { beatAt, relay, chunks } = startPulse()
    relay(torn)
    for (const now of [10, 1_000]) beatAt(now)
    expect(chunks).toEqual([torn])
    relay('\n\n')
    for (const now of [1_010, 2_000]) beatAt(now)
    expect(chunks).toHaveLength(3)
  },
)

test('while it rests nothing is opened, and once awake it goes on', () => {
  const { pulse, beatAt, exchange } = startPulse()
  pulse.rest()
  beatAt(1_000)
  expect(exchange.hasBegun).toBe(false)
  pulse.wake()
  beatAt(1_001)
  expect(exchange.hasBegun).toBe(true)
})

describe('a wait for a model', () => {
  function waitFor(options: { style: 'comment' | 'reasoning' | 'status' }) {
    const started = startPulse()
    started.pulse.showWait({
      ...options,
      ask: () => ({ model: 'm', phase: 'loading', position: 1, waitedMs: started.clock.now, withinMs: 9_000 }),
    })
    return started
  }

  test('opens the stream, counts as a sign of life, and ends in a last word', () => {
    const { pulse, beatAt, chunks, clock } = waitFor({ style: 'comment' })
    beatAt(5)
    expect(chunks).toEqual([])
    beatAt(505)
    beatAt(506)
    clock.now = 700
    pulse.endWait('ready')
    expect(chunks).toEqual([': llmr: m is loading, about 9 s left\n\n', ': llmr: m is ready after 1 s\n\n'])
  })

  test('that goes on elsewhere, or was never told of, has no last word', () => {
    const { pulse, beatAt, chunks } = waitFor({ style: 'reasoning' })
    beatAt(600)
    pulse.endWait('elsewhere')
    expect(chunks).toHaveLength(1)
    const short = waitFor({ style: 'reasoning' })
    short.pulse.endWait('ready')
    expect(short.exchange.hasBegun).toBe(false)
  })

  test('is not told of once it has ended', () => {
    const { pulse, beatAt, chunks } = waitFor({ style: 'status' })
    beatAt(600)
    pulse.endWait('ready')
    beatAt(5_000)
    expect(chunks.filter((chunk) => chunk.startsWith('event: llmr.progress'))).toHaveLength(2)
    expect(chunks).toHaveLength(3)
  })

  test('of an exchange whose last engine was no stream is shown all the same', () => {
    const { pulse, beatAt, chunks } = startPulse()
    pulse.rest()
    pulse.showWait({
      style: 'comment',
      ask: () => ({ model: 'm', phase: 'queued', position: 1, waitedMs: 600, withinMs: 0 }),
    })
    beatAt(600)
    expect(chunks).toEqual([expect.stringContaining('m waits for memory')])
  })
})

describe('all pulses together', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })

  afterEach(() => {
    vi.useRealTimers()
  })

  function startPulses(): { pulses: StreamPulses; exchanges: readonly MemoryExchange[] } {
    const pulses = new StreamPulses(settings, () => Date.now())
    return { pulses, exchanges: [0, 1, 2].map(() => memoryExchange({ dialect: openaiChatDialect })) }
  }

  test('share one timer, which ends with the last of them', () => {
    const { pulses, exchanges } = startPulses()
    const watched = exchanges.map(({ exchange }) => pulses.watch(exchange))
    expect(vi.getTimerCount()).toBe(1)
    vi.advanceTimersByTime(10)
    expect(exchanges.map(({ exchange }) => exchange.hasBegun)).toEqual([true, true, true])
    for (const pulse of watched) pulses.stop(pulse)
    expect(vi.getTimerCount()).toBe(0)
    for (const { exchange } of exchanges) exchange.response.destroy()
  })

  test('take over a new interval at once', () => {
    const { pulses, exchanges } = startPulses()
    const [{ exchange }] = exchanges as [MemoryExchange]
    pulses.set({ intervalMs: 1_000_000, deltaIntervalMs: 1_000_000 })
    pulses.watch(exchange)
    vi.advanceTimersByTime(5_000)
    expect(exchange.hasBegun).toBe(false)
    pulses.set(settings)
    vi.advanceTimersByTime(1_000)
    expect(exchange.hasBegun).toBe(true)
    pulses.close()
    pulses.close()
    expect(vi.getTimerCount()).toBe(0)
    exchange.response.destroy()
  })
})
