import { expect, test } from 'vitest'

import { startReplayServer } from '../../support/replay-server.ts'
import { runLlmr } from '../../support/run-llmr.ts'

const well = {
  name: 'laptop',
  status: 'healthy',
  url: 'http://127.0.0.1:11434',
  kind: 'ollama',
  version: '0.14.2',
  trust: 'local',
  isUp: true,
  inflight: 1,
  waiting: 0,
  slots: 4,
  breakers: [{ model: 'qwen3:30b', isOpen: true }],
  models: [
    { id: 'qwen3:4b', isLoaded: true, capabilities: {} },
    { id: 'qwen3:30b', isLoaded: false, capabilities: {} },
  ],
}
const down = {
  ...well,
  name: 'gpu-box',
  status: 'down',
  kind: 'auto',
  version: undefined,
  inflight: 0,
  slots: undefined,
  breakers: [],
  models: [],
  lastError: 'gpu-box:8080 does not answer.',
}

test('one line a backend, then why some cannot be used', async () => {
  await using gateway = await startReplayServer({
    'GET /llmr/v1/backends': { status: 200, json: { backends: [well, down] } },
  })
  const { code, stdout } = await runLlmr(['backends', 'list', '--url', gateway.url])
  expect(code).toBe(0)
  expect(stdout.trimEnd().split('\n')).toEqual([
    'NAME     STATUS   KIND           TRUST  BUSY  WAITING  MODELS        URL',
    'laptop   healthy  ollama 0.14.2  local  1/4   0        2 (1 loaded)  http://127.0.0.1:11434',
    'gpu-box  down     auto           local  0     0        0             http://127.0.0.1:11434',
    '',
    'laptop: the breaker of qwen3:30b is open',
    'gpu-box: gpu-box:8080 does not answer.',
  ])
})

test('no gateway: exit 1 and what to do', async () => {
  const { code, stderr } = await runLlmr(['backends', 'list', '--url', 'http://127.0.0.1:1'])
  expect(code).toBe(1)
  expect(stderr).toContain('llmr serve')
})
