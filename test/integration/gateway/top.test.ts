import { expect, test } from 'vitest'

import { postChat } from '../../support/chat.ts'
import { closeAfterEach } from '../../support/resources.ts'
import { runLlmr } from '../../support/run-llmr.ts'
import { residencyOf, simulatedModel } from '../../support/simulated-profile.ts'
import { startTestGateway } from '../../support/start-gateway.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const keep = closeAfterEach()

test('llmr top shows a gateway once where there is no terminal, and its looks are not among the requests', async () => {
  const dataDirectory = temporaryFolder()
  const residency = residencyOf([simulatedModel('a'), simulatedModel('b')], 1)
  const gateway = keep(await startTestGateway('', { residency, dataDirectory }))
  await (await postChat(gateway.url, { model: 'a', max_tokens: 4 })).text()

  const plain = await runLlmr(['top', '--data', dataDirectory])
  expect(plain.code, plain.stderr).toBe(0)
  expect(plain.stdout).toMatch(/^● {2}a +ready/m)
  expect(plain.stdout).toMatch(/^○ {2}b +on disk/m)
  expect(plain.stdout).not.toContain('\u001B')

  const { stdout } = await runLlmr(['top', '--json', '--data', dataDirectory])
  const shown = JSON.parse(stdout) as { requests: readonly unknown[] }
  expect(shown).toMatchObject({
    schema: 'llmr/top/1',
    pools: [{ name: 'vram', sizeBytes: 1, usedBytes: 1 }],
    queue: [],
  })
  expect(shown.requests).toMatchObject([{ model: 'a', status: 200 }])
})

test('a gateway that starts no engines is shown with its backends', async () => {
  const dataDirectory = temporaryFolder()
  keep(await startTestGateway('', { dataDirectory }))
  const { code, stdout } = await runLlmr(['top', '--once', '--data', dataDirectory])
  expect(code).toBe(0)
  expect(stdout).toMatch(/^● {2}simulated +llama\.cpp +healthy/m)
})

test('without a gateway it says what to do, and ends with 1', async () => {
  const { code, stderr } = await runLlmr(['top', '--data', temporaryFolder()])
  expect(code).toBe(1)
  expect(stderr).toContain('llmr serve')
})
