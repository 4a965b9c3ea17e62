import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { runLlmr } from '../support/run-llmr.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const root = join(import.meta.dirname, '../..')
const shipped = globSync('docs/transcripts/*', { cwd: root }).toSorted()
const circles = join(root, 'docs/transcripts/reads-in-circles.jsonl')

test('the shipped transcripts show a good run, a loop and a run sent again', async () => {
  const { code, stdout } = await runLlmr(['replay', ...shipped.map((file) => join(root, file)), '--json'])
  expect(code).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({
    schema: 'llmr/replay/1',
    transcripts: [
      { id: 'edits-and-tests', hasFired: false },
      { id: 'reads-in-circles', hasFired: true },
      { id: 'sent-again', hasFired: false },
    ],
  })
})

test('docs/agents.md shows what the command prints', async () => {
  const { stdout } = await runLlmr(['replay', circles])
  expect(readFileSync(join(root, 'docs/agents.md'), 'utf8')).toContain(stdout.trim())
})

test('--fail-on is an exit code for CI, and --preset another guard', async () => {
  expect((await runLlmr(['replay', circles, '--fail-on', 'fired'])).code).toBe(3)
  expect((await runLlmr(['replay', circles, '--fail-on', 'fired', '--preset', 'off'])).code).toBe(0)
  expect((await runLlmr(['replay', circles, '--fail-on', 'missed', '--preset', 'classic'])).code).toBe(0)
})

test('--diff shows the requests that another configuration treats otherwise', async () => {
  const file = join(temporaryFolder(), 'llmr.yaml')
  writeFileSync(file, 'toolcalls: { models: { "small-*": { repeat_threshold: 4, hint: false } } }')
  const { stdout } = await runLlmr(['replay', circles, '--diff', file])
  expect(stdout).toMatch(/^2 +next-file-hint .* +–$/m)
  expect(stdout).toMatch(/^5 +nudge +–$/m)
  expect(stdout).toMatch(/^7 +final-answer +remove-tool$/m)
})

test('a file that is no transcript is named with what was expected', async () => {
  const { code, stderr } = await runLlmr(['replay', join(root, 'package.json')])
  expect(code).toBe(2)
  expect(stderr).toContain('expected OpenAI messages')
})
