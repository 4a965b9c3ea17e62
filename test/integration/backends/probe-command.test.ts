import { expect, test } from 'vitest'

import { readRecording, startReplayServer } from '../../support/replay-server.ts'
import { runLlmr } from '../../support/run-llmr.ts'

test('a backend whose models are all skipped is fine: exit 0, and a table for people', async () => {
  await using engine = await startReplayServer(readRecording('openai'))
  const { code, stdout } = await runLlmr(['backends', 'probe', '--url', engine.url])
  expect(code).toBe(0)
  expect(stdout).toMatch(/ok +reach +answered/)
  expect(stdout).toMatch(/skipped +chat +gpt-5\.2 +may not be loaded; --load/)
})

test('a backend that is down: exit 1, and JSON for programs', async () => {
  const { code, stdout } = await runLlmr(['backends', 'probe', 'gpu', '--url', 'http://no-such-host.invalid', '--json'])
  expect(code).toBe(1)
  expect(JSON.parse(stdout)).toMatchObject({
    schema: 'llmr/backends-probe/1',
    backends: [{ name: 'gpu', verdict: 'failed', checks: [{ step: 'reach', outcome: 'failed' }] }],
  })
})

test('something to note: exit 3', async () => {
  await using engine = await startReplayServer(readRecording('llama.cpp-loading'))
  const { code, stdout } = await runLlmr(['backends', 'probe', '--url', engine.url])
  expect(code).toBe(3)
  expect(stdout).toMatch(/note +reach +It is loading its model now/)
})

test('an unknown kind and an address that is none: exit 2, and what to do', async () => {
  const kind = await runLlmr(['backends', 'probe', '--url', 'http://127.0.0.1:1', '--kind', 'llama'])
  expect([kind.code, kind.stderr]).toEqual([2, expect.stringContaining('llama.cpp')])
  const url = await runLlmr(['backends', 'probe', '--url', 'gpu-box'])
  expect([url.code, url.stderr]).toEqual([2, expect.stringContaining('http://')])
})
