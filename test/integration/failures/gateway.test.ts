import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { afterEach, expect } from 'vitest'

import { startSimulatedEngine } from '../../../src/sim/simulated-engine.ts'
import { errorOf, eventsOf, postChat } from '../../support/chat.ts'
import { startLlmr } from '../../support/llmr-process.ts'
import { startTestGateway } from '../../support/start-gateway.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { failureRow } from './failure-row.ts'

const running: { close(): Promise<unknown> }[] = []

afterEach(async () => {
  for (const one of running.splice(0).reverse()) await one.close()
})

failureRow('configuration becomes unusable while running', async () => {
  const folder = temporaryFolder()
  const config = join(folder, 'llmr.yaml')
  const engine = await startSimulatedEngine()
  running.push(engine)
  const backends = `backends: { sim: { url: "${engine.url}", kind: llama.cpp } }\n`
  writeFileSync(config, `${backends}models: { alias: { upstream: simulated } }\n`)
  const llmr = await startLlmr({ args: ['--config', config], dataDirectory: folder })
  running.push(llmr)

  writeFileSync(config, 'modls: {}\n')
  await llmr.logged('the new configuration is not usable')
  expect((await postChat(llmr.url, { model: 'alias' })).status).toBe(200)
  const ready = await fetch(`${llmr.url}/readyz`)
  expect(await ready.json()).toMatchObject({
    status: 'ready',
    config: { state: 'old', reason: expect.stringMatching(/llmr\.yaml:1:1 .*did you mean "models"/) },
  })

  writeFileSync(config, `${backends}models: { renamed: { upstream: simulated } }\n`)
  await llmr.logged('the configuration was reloaded')
  expect((await postChat(llmr.url, { model: 'renamed' })).status).toBe(200)
})

/** An engine whose streams stop after the first piece until they are released. */
function heldScript() {
  const { promise: hold, resolve: release } = Promise.withResolvers<void>()
  const script = () => ({ content: ['a', 'b'], beforePiece: (index: number) => (index === 1 ? hold : undefined) })
  return { script, release }
}

failureRow('shutdown with a stream in flight', async () => {
  const { script, release } = heldScript()
  const engine = await startSimulatedEngine({ script })
  running.push(engine)
  const gateway = await startTestGateway(`backends: { sim: { url: "${engine.url}", kind: llama.cpp } }`)
  const response = await postChat(gateway.url, { stream: true })
  const closing = gateway.close()
  expect(gateway.close()).toBe(closing)
  await expect(postChat(gateway.url)).rejects.toThrow()
  release()
  expect((await eventsOf(response)).at(-1)).toBe('[DONE]')
  await closing
})

failureRow('shutdown bound is reached', async () => {
  const { script } = heldScript()
  const engine = await startSimulatedEngine({ script })
  running.push(engine)
  const gateway = await startTestGateway(
    `listen: { shutdown_timeout: 50ms }\nbackends: { sim: { url: "${engine.url}", kind: llama.cpp } }`,
  )
  const response = await postChat(gateway.url, { stream: true })
  await gateway.close()
  const events = await eventsOf(response)
  expect(events.at(-1)).toMatchObject({ error: { code: 'shutting_down' } })
  expect(events).not.toContain('[DONE]')
  const received = engine.requests.find(({ path }) => path === '/v1/chat/completions')
  expect(await received?.outcome).toBe('abandoned')
})

failureRow('a fault of llmr', async () => {
  const gateway = await startTestGateway('')
  running.push(gateway)
  // A backend that breaks llmr's own code, as a bug would.
  const [backend] = gateway.fleet.all
  Object.defineProperty(backend, 'load', {
    value: () => {
      throw new TypeError('a bug')
    },
  })
  const error = await errorOf(await postChat(gateway.url))
  expect(error).toMatchObject({ status: 500, code: 'internal_error' })
  expect(error.message).not.toContain('a bug')
  await gateway.logged(
    ({ msg, err }) => msg === 'a request failed by a fault of llmr' && JSON.stringify(err).includes('a bug'),
  )
})
