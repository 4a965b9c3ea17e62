import { join } from 'node:path'

import { expect, test } from 'vitest'

import { runLlmr } from '../support/run-llmr.ts'

const hog = join(import.meta.dirname, '../fixtures/traces/micro-hog.jsonl')

test('prints each policy with its waits, and what no order could have gone below', async () => {
  const { code, stdout, stderr } = await runLlmr(['sim', 'swaps', hog])
  expect(code).toBe(0)
  expect(stdout).toMatch(/^24 GB of VRAM/)
  expect(stdout).toMatch(/^ripe +31 +2\.84 s/m)
  expect(stdout).toMatch(/^fifo +31 /m)
  expect(stdout).toMatch(/No order could have had a lower mean wait than 1\.3\d s/)
  expect(stderr).toContain('915 requests for 2 models')
})

test('--json is one object with every figure, for each disk and memory asked for', async () => {
  const what = ['--vram', '24GB,48GB', '--disk-gbps', '0.5,5', '--policy', 'ripe', '--no-floor', '--json']
  const { code, stdout } = await runLlmr(['sim', 'swaps', hog, ...what])
  expect(code).toBe(0)
  const report = JSON.parse(stdout)
  expect(report).toMatchObject({ schema: 'llmr/sim-swaps/1', requests: 915 })
  const means = report.hosts.map(
    ({ host, outcomes }: { host: { vramBytes: number }; outcomes: readonly object[] }) => ({
      vramBytes: host.vramBytes,
      outcomes,
    }),
  )
  expect(means).toHaveLength(4)
  const [slow, fast, large] = means.map(
    ({ outcomes }: { outcomes: readonly { figures: { wait: { meanMs: number } } }[] }) =>
      outcomes[0]?.figures.wait.meanMs,
  )
  expect(fast).toBeLessThan(slow)
  expect(large).toBeLessThan(slow)
})

test('reads its own log from a pipe and says how many lines it passed over', async () => {
  const line = {
    msg: 'request',
    time: '2026-03-01T10:00:05.000Z',
    model: 'A',
    status: 200,
    duration_ms: 900,
    prompt_tokens: 9,
  }
  const stdin = `{"msg":"started"}\n${JSON.stringify(line)}\n`
  const { code, stderr } = await runLlmr(['sim', 'swaps', '-', '--no-floor'], { stdin })
  expect(code).toBe(0)
  expect(stderr).toContain('1 requests for 1 models; 1 lines')
})

test.each([
  ['a broken line', ['-'], '{"arrival_s":0}\n', 'line 1: expected model to be a name'],
  ['a size for a model nobody asks for', [hog, '--size', 'Z=4GB'], '', 'no model named Z'],
  ['a model that cannot fit', [hog, '--size', 'A=25GB'], '', 'A needs 25000000000 bytes'],
  ['an amount without a unit', [hog, '--vram', '24'], '', '--vram: expected a size'],
])('%s ends with 2 and says what is wrong', async (_, args, stdin, words) => {
  const { code, stderr } = await runLlmr(['sim', 'swaps', ...args, '--no-floor'], { stdin })
  expect(code).toBe(2)
  expect(stderr.replaceAll(/\s+/g, ' ')).toContain(words)
})
