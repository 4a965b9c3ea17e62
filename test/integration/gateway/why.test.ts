import { expect, test } from 'vitest'

import { postChat } from '../../support/chat.ts'
import { closeAfterEach } from '../../support/resources.ts'
import { runLlmr } from '../../support/run-llmr.ts'
import { residencyOf, simulatedModel } from '../../support/simulated-profile.ts'
import { startTestGateway } from '../../support/start-gateway.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const keep = closeAfterEach()

test('`llmr why` tells of the request with that id, and without one of the last request to a model', async () => {
  const data = temporaryFolder()
  const gateway = keep(
    await startTestGateway('', { residency: residencyOf([simulatedModel('a')], 1), dataDirectory: data }),
  )
  const none = await runLlmr(['why', '--data', data])
  expect([none.code, none.stderr]).toEqual([1, expect.stringContaining('no request to a model')])

  const ids: (string | null)[] = []
  for (const max_tokens of [2, 3]) {
    const reply = await postChat(gateway.url, { model: 'a', max_tokens })
    await reply.text()
    ids.push(reply.headers.get('x-request-id'))
  }
  await fetch(`${gateway.url}/nowhere`)
  const [first, last] = ids
  expect((await runLlmr(['why', '--data', data])).stdout).toContain(String(last))
  expect((await runLlmr(['why', String(first), '--data', data])).stdout).toContain(String(first))
  expect((await runLlmr(['why', 'nobody', '--data', data])).code).toBe(1)
})
