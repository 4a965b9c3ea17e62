import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { startLlmr } from '../../../support/llmr-process.ts'
import { closeAfterEach } from '../../../support/resources.ts'
import { runLlmr } from '../../../support/run-llmr.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'

const keep = closeAfterEach()
const program = join(import.meta.dirname, '../../../../bin/run.cjs')

function configIn(folder: string): string {
  const file = join(folder, 'llmr.yaml')
  const engine = [process.execPath, program, 'sim', '--port', '${PORT}', '--load-time', '200ms', '--time-scale', '1']
  const profile = (name: string) => ({ engine: 'command', command: [...engine, '--model', name], vram: '1GiB' })
  const profiles = { a: profile('a'), b: profile('b') }
  writeFileSync(file, JSON.stringify({ profiles, scheduling: { pools: { ram: '2GiB' } } }))
  return file
}

test('llmr serve starts with the times that llmr bench swaps has measured', async () => {
  const dataDirectory = temporaryFolder()
  const config = configIn(dataDirectory)
  const bench = ['bench', 'swaps', '--config', config, '--data', dataDirectory, '--repeat', '1', '--warm', '--json']
  const { code, stdout, stderr } = await runLlmr(bench)
  expect(code, stderr).toBe(0)
  const { schema, swaps } = JSON.parse(stdout) as { schema: string; swaps: { model: string; load_ms: number }[] }
  expect(schema).toBe('llmr/bench-swaps/1')

  keep(await startLlmr({ args: ['--config', config], dataDirectory }))
  const listed = await runLlmr(['models', 'list', '--data', dataDirectory, '--json'])
  const { queue } = JSON.parse(listed.stdout) as { queue: { models: { name: string; expectedLoadMs: number }[] } }
  for (const { model, load_ms: loadMs } of swaps) {
    expect(queue.models.find(({ name }) => name === model)?.expectedLoadMs).toBeCloseTo(loadMs, 3)
  }
})

test('a bench beside a running gateway is refused: its models hold the memory', async () => {
  const dataDirectory = temporaryFolder()
  const config = configIn(dataDirectory)
  keep(await startLlmr({ args: ['--config', config], dataDirectory }))
  const { code, stderr } = await runLlmr(['bench', 'swaps', '--config', config, '--data', dataDirectory])
  expect(code).toBe(1)
  expect(stderr).toContain('Stop it first')
})
