import { describe, expect, onTestFinished, test } from 'vitest'

import { startBenchRig } from '../../../../src/bench/gateway/bench-rig.ts'
import { benchDialects } from '../../../../src/bench/gateway/dialect-requests.ts'
import { runGatewayBench } from '../../../../src/bench/gateway/run-gateway-bench.ts'
import { startProgram } from '../../../../src/bench/gateway/start-program.ts'
import { programFile } from '../../../../src/core/package-root.ts'

test('one run measures the backend, the floor and llmr under the same load', async () => {
  const progress: string[] = []
  const report = await runGatewayBench({
    isQuick: true,
    durationMs: 100,
    only: ['json-1k-c1'],
    onProgress: (words) => progress.push(words),
  })
  expect(progress).toEqual(['json-1k-c1'])
  const [summary] = report.cases
  for (const name of ['direct', 'floor', 'llmr'] as const) {
    expect(summary?.targets[name].requests_per_second).toBeGreaterThan(0)
    expect(summary?.targets[name].failures).toBe(0)
  }
  expect(summary?.targets.llmr.cpu_us_per_request).toBeGreaterThan(0)
  expect(summary?.targets.direct).not.toHaveProperty('cpu_us_per_request')
  expect(summary?.cpu_times_floor).toBeGreaterThan(0)
})

test('every event of a stream is counted behind each target, and idle streams can be held open', async () => {
  const rig = await startBenchRig()
  onTestFinished(() => rig.close())
  for (const target of rig.targets) {
    const shape = { kind: 'counted', clients: 4, requests: 8 } as const
    const { load } = await rig.measure(target, { model: 'bench-burst', requestBytes: 1000, shape })
    expect(load).toMatchObject({ requests: 8, failures: 0 })
    expect(load.events).toBeGreaterThanOrEqual(8 * 200)
    await rig.hold(target, 20)
    await rig.release()
  }
})

test('llmr answers the clients of every dialect that is measured', async () => {
  const rig = await startBenchRig()
  onTestFinished(() => rig.close())
  for (const dialect of benchDialects) {
    for (const model of ['bench-json', 'bench-burst'] as const) {
      const shape = { kind: 'counted', clients: 2, requests: 4 } as const
      const { load } = await rig.measure(rig.target('llmr'), { model, dialect, requestBytes: 1000, shape })
      expect(load, dialect).toMatchObject({ requests: 4, failures: 0 })
    }
  }
})

describe('a program of the bench', () => {
  test('that fails a call says so with its own words', async () => {
    const floor = startProgram({ file: programFile('src/bench/gateway/floor') })
    onTestFinished(() => floor.close())
    await expect(floor.call('listen', { url: 'no address' })).rejects.toThrow(/Invalid URL/)
  })

  test('that ends leaves no caller waiting, and its last words are told', async () => {
    const program = startProgram({ file: programFile('src/bench/gateway/no-such-program') })
    await expect(program.call('listen')).rejects.toThrow(/Cannot find module/)
    await expect(program.call('listen')).rejects.toThrow(/not running/)
    await program.close()
    await program.close()
  })
})
