import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { runLlmr } from '../support/run-llmr.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const root = join(import.meta.dirname, '../..')
const shipped = globSync('docs/transcripts/*', { cwd: root }).toSorted()
const inText = join(root, 'docs/transcripts/calls-in-text.jsonl')
const circles = join(root, 'docs/transcripts/reads-in-circles.jsonl')

test('the shipped transcripts show good runs, loops and runs that had to be put right', async () => {
  const { code, stdout } = await runLlmr(['replay', ...shipped.map((file) => join(root, file)), '--json'])
  expect(code).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({
    schema: 'llmr/replay/1',
    transcripts: [
      { id: 'calls-in-text', hasFired: false },
      { id: 'edits-and-tests', hasFired: false },
      { id: 'lost-results', hasFired: false },
      { id: 'reads-in-circles', hasFired: true },
      { id: 'sent-again', hasFired: false },
      { id: 'to-and-fro', hasFired: true },
    ],
  })
})

test('docs/agents.md shows what the command prints', async () => {
  const { stdout } = await runLlmr(['replay', circles])
  expect(readFileSync(join(root, 'docs/agents.md'), 'utf8')).toContain(stdout.trim())
})

test('README.md shows what the command prints of all of them', async () => {
  const { stdout } = await runLlmr(['replay', ...shipped.map((file) => join(root, file)), '--summary'])
  expect(readFileSync(join(root, 'README.md'), 'utf8')).toContain(stdout.trim())
})

test('docs/agents.md shows what becomes of replies as the command prints it', async () => {
  const { stdout } = await runLlmr(['replay', inText, '--replies'])
  expect(readFileSync(join(root, 'docs/agents.md'), 'utf8')).toContain(stdout.trim())
})

test('a lane may be given, and what would be read of a reply on it is shown', async () => {
  const { stdout } = await runLlmr(['replay', inText, '--lane', 'native', '--replies'])
  expect(stdout).toContain('reply 1, read as it comes:\n  the client hears  <tool_call> {"name": "ReadFile"')
  expect((await runLlmr(['replay', inText, '--fail-on', 'unlike'])).code).toBe(0)
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
  expect(stdout).toMatch(/request 2\n +now +next-file-hint .*\n +then +–, /)
  expect(stdout).toMatch(/request 7\n +now +final-answer, lane final\n +then +remove-tool, lane native/)
  expect(stdout).toMatch(/^ +- \[3 files found, none read yet\./m)
  expect((await runLlmr(['replay', circles, '--diff', file, '--fail-on', 'differs'])).code).toBe(3)
})

test('--step without a terminal says what to do instead', async () => {
  const { code, stderr } = await runLlmr(['replay', circles, '--step'])
  expect(code).toBe(2)
  expect(stderr).toContain('--step needs a terminal')
})

test('a file that is no transcript is named with what was expected', async () => {
  const { code, stderr } = await runLlmr(['replay', join(root, 'package.json')])
  expect(code).toBe(2)
  expect(stderr).toContain('expected OpenAI messages')
})
