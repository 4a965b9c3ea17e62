import { createServer } from 'node:net'

import { expect, test } from 'vitest'

import { discoverBackends } from '../../../src/backends/discover.ts'
import { listen } from '../../support/listen.ts'
import { readRecording, startReplayServer } from '../../support/replay-server.ts'

test('engines are found by what they answer; llmr, locked engines, other programs and silence are not', async () => {
  await using ollama = await startReplayServer(readRecording('ollama'))
  await using llmr = await startReplayServer(readRecording('llmr'))
  await using locked = await startReplayServer(readRecording('llama.cpp-locked'))
  await using website = await startReplayServer({ '*': { status: 200, text: '<html></html>' } })
  const silent = await listen(createServer())
  const gone = await listen(createServer())
  await gone.close()
  const ports = [ollama, llmr, locked, website, silent, gone].map(({ port }) => port)
  const found = await discoverBackends({ ports })
  expect(found).toEqual([
    { name: 'ollama', url: ollama.url, kind: 'ollama', trust: 'local', headers: {}, weight: 1, isPaid: false },
  ])
  await silent.close()
})

test('an engine that still loads its model is found', async () => {
  await using loading = await startReplayServer(readRecording('llama.cpp-loading'))
  expect(await discoverBackends({ ports: [loading.port] })).toMatchObject([{ name: 'llama.cpp' }])
})

test('two engines of a kind get names of their own, and a skipped port is not asked', async () => {
  await using first = await startReplayServer(readRecording('vllm'))
  await using second = await startReplayServer(readRecording('vllm'))
  await using own = await startReplayServer(readRecording('vllm'))
  const ports = [first.port, second.port, own.port]
  const found = await discoverBackends({ ports, skipPorts: [own.port] })
  expect(found.map(({ name }) => name)).toEqual([`vllm-${first.port}`, `vllm-${second.port}`])
  expect(own.asked).toEqual([])
})
