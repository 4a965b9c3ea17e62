import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { formatAgents } from '../../../../src/bench/agents/format-agents.ts'
import { type AgentBenchReport, runAgentBench } from '../../../../src/bench/agents/run-agent-bench.ts'
import { formatMarkdownTable } from '../../../../src/cli/markdown-table.ts'
import { startSimulatedEngine } from '../../../../src/sim/simulated-engine.ts'
import { closeAfterEach } from '../../../support/resources.ts'

const keep = closeAfterEach()
const page = readFileSync(join(import.meta.dirname, '../../../../docs/agents.md'), 'utf8')

function run(options: Partial<Parameters<typeof runAgentBench>[0]> = {}): Promise<AgentBenchReport> {
  const { signal } = new AbortController()
  const usual = { own: undefined, lane: 'checked', turnsMax: 20, timeoutMs: 60_000, signal, onTask: () => undefined }
  return runAgentBench({ ...usual, ...options })
}

test('a model that fails most of twenty tasks alone does all of them behind llmr, and docs/agents.md says how', async () => {
  const report = await run()
  expect(report.tasks).toHaveLength(20)
  expect(report.done.directly).toBeLessThanOrEqual(4)
  expect(report.done.through).toBe(20)
  // By what it was done may change with any part; whether it was done may not.
  const cells = (line: string): string =>
    line
      .split(/ *\| */)
      .slice(1, 5)
      .join(' | ')
  const told = page.split('\n').map(cells)
  const [, , ...rows] = formatAgents(report, formatMarkdownTable).split('\n')
  expect(
    rows
      .slice(0, 20)
      .map(cells)
      .filter((row) => !told.includes(row)),
  ).toEqual([])
})

test('a model of somebody else is given the same tasks, and only asked', async () => {
  const engine = keep(await startSimulatedEngine({ model: 'mine', script: () => ({ content: 'No idea.' }) }))
  const report = await run({ own: { url: engine.url, model: 'mine' }, lane: 'auto' })
  expect(report).toMatchObject({ model: 'mine', done: { directly: 0, through: 0 } })
  expect(report.tasks[0]).not.toHaveProperty('weakness', expect.anything())
  const asked = engine.requests.filter(({ path }) => path === '/v1/chat/completions')
  expect(asked).toHaveLength(40)
})

test('a run that is interrupted ends what it has started', async () => {
  await expect(run({ signal: AbortSignal.abort(new Error('stopped')) })).rejects.toThrow('stopped')
})

test('a model that draws its faults, none of which it was written for, does most of its tasks behind llmr', async () => {
  const report = await run({ random: { count: 25, seed: 1 } })
  expect(report.tasks).toHaveLength(25)
  expect(report.done.directly).toBeLessThanOrEqual(15)
  expect(report.done.through).toBeGreaterThanOrEqual(21)
  expect(formatAgents(report, formatMarkdownTable)).toContain(`${report.done.through} of 25 through llmr`)
})
