import { expect, test, vi } from 'vitest'

import { BackendFailure } from '../../../src/backends/failure.ts'
import { IdleProber } from '../../../src/gateway/lanes/idle-prober.ts'
import type { LaneBackend } from '../../../src/gateway/lanes/lane-backend.ts'
import { backendSettings } from '../../support/backend-settings.ts'

const unused = {
  settings: backendSettings({ url: 'http://127.0.0.1:9' }),
  send: () => undefined,
  close: async () => undefined,
  destroy: async () => undefined,
}

function backend(name: string): LaneBackend & { inFlight: number } {
  return {
    settings: backendSettings({ name, url: 'http://127.0.0.1:9' }),
    connection: unused,
    description: undefined,
    inFlight: 0,
  }
}

/** A prober that waits for nothing, whose probes a test settles itself. */
function start() {
  const probes: {
    readonly model: string
    readonly signal: AbortSignal
    readonly end: PromiseWithResolvers<undefined>
  }[] = []
  const verdicts: string[] = []
  const prober = new IdleProber({
    idleMs: 0,
    probe: (_backend, model, signal) => {
      const end = Promise.withResolvers<undefined>()
      signal.addEventListener('abort', () => end.reject(signal.reason))
      probes.push({ model, signal, end })
      return end.promise
    },
    onVerdict: (_backend, model) => verdicts.push(model),
  })
  const probed = (count: number) => vi.waitFor(() => expect(probes).toHaveLength(count))
  return { prober, probes, verdicts, probed }
}

test('models are probed one at a time, and each only once as long as it waits', async () => {
  const { prober, probes, verdicts, probed } = start()
  const gpu = backend('gpu')
  prober.wish(gpu, 'a')
  prober.wish(gpu, 'b')
  prober.wish(gpu, 'a')
  await probed(1)
  probes[0]?.end.resolve(undefined)
  await probed(2)
  probes[1]?.end.resolve(undefined)
  await vi.waitFor(() => expect(verdicts).toEqual(['a', 'b']))
  await prober.close()
})

test('a request takes the place of a probe, which is made later', async () => {
  const { prober, probes, verdicts, probed } = start()
  const gpu = backend('gpu')
  prober.wish(gpu, 'a')
  await probed(1)
  prober.makeWay(backend('other'))
  expect(probes[0]?.signal.aborted).toBe(false)
  prober.makeWay(gpu)
  expect(probes[0]?.signal.aborted).toBe(true)
  await probed(2)
  probes[1]?.end.resolve(undefined)
  await vi.waitFor(() => expect(verdicts).toEqual(['a']))
  await prober.close()
})

test('a backend that works on something is not probed, and after some tries left alone', async () => {
  const { prober, probes, probed } = start()
  const busy = backend('busy')
  busy.inFlight = 1
  prober.wish(busy, 'a')
  prober.wish(backend('idle'), 'b')
  await probed(1)
  expect(probes[0]?.model).toBe('b')
  await prober.close()
})

test('an engine that does not answer is tried five times, and no more', async () => {
  const { prober, probes, verdicts, probed } = start()
  prober.wish(backend('gpu'), 'a')
  for (let count = 1; count <= 5; count++) {
    await probed(count)
    probes[count - 1]?.end.reject(new BackendFailure('refused', 'refused', { url: 'http://a' }))
  }
  prober.wish(backend('gpu'), 'b')
  await probed(6)
  expect(probes[5]?.model).toBe('b')
  expect(verdicts).toEqual([])
  await prober.close()
})

test('closing ends the probe under way, and may be done twice', async () => {
  const { prober, probes, probed } = start()
  prober.wish(backend('gpu'), 'a')
  await probed(1)
  await Promise.all([prober.close(), prober.close()])
  expect(probes[0]?.signal.aborted).toBe(true)
})
