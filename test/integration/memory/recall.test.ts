import { expect, test } from 'vitest'

import { parseConfig } from '../../../src/config/parse-config.ts'
import { workerSet } from '../../../workers/worker-set.ts'
import { postChat } from '../../support/chat.ts'
import { emptyPglite } from '../../support/empty-pglite.ts'
import { parseExposition } from '../../support/parse-exposition.ts'
import { closeAfterEach } from '../../support/resources.ts'
import { startTestGateway } from '../../support/start-gateway.ts'
import { openTestStore, pgliteAt } from '../store/places.ts'

const keep = closeAfterEach()

/** The gateway as it comes: the embedded database, the table queue, its workers, the simulated engine. */
async function embeddedGateway(memory = 'on', storeBudgetMs = 60_000) {
  const dataDirectory = await emptyPglite()
  const yaml = `memory: ${memory}`
  const { config } = parseConfig({ text: yaml, file: 'llmr.yaml', backendKinds: [], env: {} })
  return keep(
    await startTestGateway(yaml, {
      dataDirectory,
      openStore: () => openTestStore(pgliteAt(dataDirectory)),
      storeBudgetMs,
      side: { workers: (surroundings) => workerSet({ ...surroundings, config }), openBroker: undefined },
    }),
  )
}

/** A client that sends its last message and nothing else. */
function chatWith(url: string, headers: Readonly<Record<string, string>> = {}) {
  return async (content: string, more: Readonly<Record<string, string>> = {}) => {
    const messages = [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content },
    ]
    const all = { 'x-llmr-conversation': 'my chat', ...headers, ...more }
    const response = await postChat(url, { messages }, { headers: all })
    return { text: await response.text(), memory: response.headers.get('x-llmr-memory') }
  }
}

test('a three-turn chat from a client that sends only its last message is answered with context (N1.9)', async () => {
  const gateway = await embeddedGateway()
  const say = chatWith(gateway.url)
  const first = await say('My cat is called Miso.')
  expect(first.memory).toBeNull()
  const second = await say('She is four years old.')
  expect(second.memory).toMatch(/^window=2 retrieved=0 tokens=\d+$/)
  expect(second.text).toContain('I was told what was said before: \\"My cat is called Miso.')
  const third = await say('What is she called, and how old is she?')
  expect(third.memory).toMatch(/^window=4 retrieved=0 tokens=\d+$/)
  expect(third.text).toContain('My cat is called Miso.')
  expect(third.text).not.toContain('She is four years old. /') // cut off in the quotation, but counted
  const samples = parseExposition(await (await fetch(`${gateway.url}/metrics`)).text())
  const injected = samples.find(({ name }) => name === 'llmr_context_injected_tokens_total')
  expect(injected?.value).toBeGreaterThan(50)
})
