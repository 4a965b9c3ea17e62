import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { slotFolderIn } from '../../../src/lifecycle/slots/conversation-saver.ts'
import { eventsOf, postChat } from '../../support/chat.ts'
import { closeAfterEach } from '../../support/resources.ts'
import { residencyOf, simulatedModel } from '../../support/simulated-profile.ts'
import { startTestGateway } from '../../support/start-gateway.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const keep = closeAfterEach()

/** Two models in memory for one; `talker` saves conversations. */
async function start(options: { slots?: number; roomFor?: number; savedBytesMax?: number } = {}) {
  const { slots = 1, roomFor = 1, savedBytesMax = 1e9 } = options
  const dataDirectory = temporaryFolder()
  const slotFolder = slotFolderIn(dataDirectory)
  const models = [simulatedModel('talker', { slots, slotFolder }), simulatedModel('other')]
  const residency = { ...residencyOf(models, roomFor), savedBytesMax }
  const gateway = keep(await startTestGateway('', { residency, dataDirectory }))
  return { gateway, saved: () => readdirSync(slotFolder), slotFolder }
}

type Running = Awaited<ReturnType<typeof start>>

const first = (name: string, words = 400) => ({ role: 'user', content: `${name} `.repeat(words) })
const later = [
  { role: 'assistant', content: 'so' },
  { role: 'user', content: 'and?' },
]

function putOut({ gateway }: Running): Promise<void> | undefined {
  return gateway.residency()?.unload('talker')
}

/** Tokens that were found in the cache. */
async function ask({ gateway }: Running, model: string, messages: readonly unknown[]): Promise<number> {
  const response = await postChat(gateway.url, { model, messages, max_tokens: 4 })
  expect(response.status).toBe(200)
  const { usage } = (await response.json()) as { usage: { prompt_tokens_details?: { cached_tokens: number } } }
  return usage.prompt_tokens_details?.cached_tokens ?? 0
}

test('what an engine has read of a conversation is there again after a swap, and its file is not', async () => {
  const running = await start()
  await ask(running, 'talker', [first('alpha')])
  await ask(running, 'other', [first('beta')])
  expect(running.saved()).toHaveLength(1)
  expect(running.saved().map((file) => statSync(join(running.slotFolder, file)).mode & 0o777)).toEqual([0o600])
  expect(await ask(running, 'talker', [first('alpha'), ...later])).toBeGreaterThan(400)
  expect(running.saved()).toEqual([])
})

test('each of several conversations comes back, streamed or not', async () => {
  const running = await start({ slots: 3 })
  await ask(running, 'talker', [first('alpha')])
  const stream = await postChat(running.gateway.url, { model: 'talker', messages: [first('beta', 500)], stream: true })
  expect((await eventsOf(stream)).at(-1)).toBe('[DONE]')
  await ask(running, 'talker', [first('gamma', 600)])
  await putOut(running)
  expect(running.saved()).toHaveLength(3)
  for (const name of ['alpha', 'beta', 'gamma']) {
    const words = { alpha: 400, beta: 500, gamma: 600 }[name] ?? 0
    expect(await ask(running, 'talker', [first(name, words), ...later])).toBeGreaterThan(words)
  }
})

test('a conversation survives a swap in which nobody asked for it', async () => {
  const running = await start({ slots: 2 })
  await ask(running, 'talker', [first('alpha')])
  await putOut(running)
  await ask(running, 'talker', [first('brief', 100)])
  await putOut(running)
  expect(await ask(running, 'talker', [first('alpha'), ...later])).toBeGreaterThan(400)
})

test('saving switches itself off where engines make no use of it, and says so', async () => {
  const running = await start()
  for (const round of [1, 2]) {
    await ask(running, 'talker', [first('alpha', 400 + round)])
    await putOut(running)
    expect(running.saved()).toHaveLength(1)
    // Begins with the same words, so it passes for the same conversation, and has nothing else in common.
    await ask(running, 'talker', [{ role: 'system', content: 'changed '.repeat(600) }, first('alpha', 400 + round)])
  }
  await running.gateway.logged(
    ({ msg }) => msg === 'conversations are not saved any more: this engine makes no use of them',
  )
  await putOut(running)
  expect(running.saved()).toEqual([])
})

test('no more is kept on the disk than may be', async () => {
  const running = await start({ slots: 2, savedBytesMax: 10 })
  await ask(running, 'talker', [first('alpha')])
  await putOut(running)
  expect(running.saved()).toEqual([])
})

test('nothing of a conversation is left when llmr ends, and nothing is saved for nobody on the way out', async () => {
  const running = await start({ roomFor: 2 })
  await ask(running, 'talker', [first('alpha')])
  await putOut(running)
  expect(running.saved()).toHaveLength(1)
  await ask(running, 'talker', [first('alpha'), ...later])
  await running.gateway.close()
  expect(running.saved()).toEqual([])
})
