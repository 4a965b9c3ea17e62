import { expect, test } from 'vitest'

import { noEdits } from '../../../src/dialects/openai/edit-request.ts'
import { postChat } from '../../support/chat.ts'
import { closeAfterEach } from '../../support/resources.ts'
import { residencyOf, simulatedModel } from '../../support/simulated-profile.ts'
import { startTestGateway } from '../../support/start-gateway.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const keep = closeAfterEach()

test('the name asked for brings its parameters, and the list shows what the operator says of a model', async () => {
  const model = {
    ...simulatedModel('qwen'),
    aliases: ['terse'],
    metadata: { family: 'qwen3', licence: null },
    edits: { ...noEdits, setByName: { terse: { max_tokens: 1 } } },
  }
  const dataDirectory = temporaryFolder()
  const gateway = keep(await startTestGateway('', { residency: residencyOf([model], 1), dataDirectory }))

  const tokensOf = async (name: string): Promise<number> => {
    const reply = await postChat(gateway.url, { model: name, max_tokens: 5 })
    return ((await reply.json()) as { usage: { completion_tokens: number } }).usage.completion_tokens
  }
  expect(await tokensOf('terse')).toBe(1)
  expect(await tokensOf('qwen')).toBeGreaterThan(1)

  const list = (await (await fetch(`${gateway.url}/v1/models`)).json()) as { data: readonly object[] }
  expect(list.data).toMatchObject([
    { id: 'qwen', llmr: { aliases: ['terse'], metadata: { family: 'qwen3', licence: null } } },
  ])
})
