import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { formatReplay } from '../../../../src/bench/replay/format-replay.ts'
import { runReplayBench } from '../../../../src/bench/replay/run-replay-bench.ts'
import { replayScenario } from '../../../../src/bench/replay/scenario-of.ts'
import { formatTable } from '../../../../src/cli/table.ts'
import { fifo } from '../../../../src/scheduling/policies/fifo.ts'
import { ripe } from '../../../../src/scheduling/policies/ripe.ts'
import { runLlmr } from '../../../support/run-llmr.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'

/** Two models take turns in the memory of one; two of the requests are one session. */
const trace = ['a', 'b', 'a', 'b', 'a', 'b']
  .map((model, index) =>
    JSON.stringify({
      arrival_s: index / 2,
      model,
      prompt_tokens: 200,
      output_tokens: 20,
      session: model === 'a' ? 's' : null,
    }),
  )
  .join('\n')

const flags = {
  vram: '24GB',
  rate: '1',
  size: [],
  sizes: ['16GB'],
  slots: 4,
  'max-wait': '60s',
  'bus-gbps': '20',
  spawn: '1s',
  stop: '400ms',
}

test('a trace goes through a whole gateway and real processes, and is told beside simulated time', async () => {
  const begun: string[] = []
  const report = await runReplayBench({
    scenario: replayScenario(trace, flags),
    policies: [ripe, fifo],
    speed: 5,
    floorIterations: 20,
    signal: new AbortController().signal,
    watcher: { begin: ({ policy }) => void begun.push(policy), changed: () => undefined, ended: () => undefined },
  })
  expect(begun).toEqual(['ripe', 'fifo'])
  for (const { gateway, simulated } of report.policies) {
    expect(gateway.figures).toMatchObject({ requests: 6, refused: 0 })
    expect(gateway.figures.swaps).toBeGreaterThanOrEqual(2)
    // No order could have been quicker, however the gateway went about it.
    expect(gateway.figures.wait.meanMs).toBeGreaterThan(report.floor_ms ?? Infinity)
    expect(simulated.figures.requests).toBe(6)
  }
  const text = formatReplay(report, formatTable)
  expect(text).toMatch(/ripe, gateway/)
  expect(text).toMatch(/No order could have had a lower mean wait/)
})

test('a replay that is interrupted ends its engines and says so', async () => {
  const interruption = new AbortController()
  const replay = runReplayBench({
    scenario: replayScenario(trace, { ...flags, spawn: '10m' }),
    policies: [ripe],
    speed: 1,
    floorIterations: 0,
    signal: interruption.signal,
    watcher: {
      begin: () => undefined,
      changed: ({ sent }) => sent === 1 && interruption.abort(),
      ended: () => undefined,
    },
  })
  await expect(replay).rejects.toMatchObject({ code: 'shutting_down' })
})

test('llmr bench swaps --replay prints one object with --json', async () => {
  const file = join(temporaryFolder(), 'trace.jsonl')
  writeFileSync(file, trace)
  const args = [
    '--replay',
    file,
    '--policy',
    'fifo',
    '--speed',
    '10',
    '--no-floor',
    '--bus-gbps',
    '50',
    '--spawn',
    '1s',
  ]
  const { code, stdout, stderr } = await runLlmr(['bench', 'swaps', ...args, '--json'])
  expect(code, stderr).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({
    schema: 'llmr/bench-swaps-replay/1',
    requests: 6,
    policies: [{ policy: 'fifo' }],
  })
})

test('a trace that is none is a usage error that names the line', async () => {
  const file = join(temporaryFolder(), 'trace.jsonl')
  writeFileSync(file, '{"arrival_s": -1}')
  const { code, stderr } = await runLlmr(['bench', 'swaps', '--replay', file])
  expect(code).toBe(2)
  expect(stderr).toContain('line 1')
})
