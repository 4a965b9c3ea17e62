import { expect, test } from 'vitest'

import { readFileReadEvent } from '../../../src/events/file-read-event.ts'
import { subjects } from '../../../src/events/subjects.ts'
import { fakeStore } from '../../store/fake-store.ts'
import { postChat } from '../../support/chat.ts'
import { MemoryBus } from '../../support/memory-bus.ts'
import { closeAfterEach } from '../../support/resources.ts'
import { startTestGateway } from '../../support/start-gateway.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const keep = closeAfterEach()

async function start(memory: 'on' | 'off') {
  const bus = new MemoryBus()
  const closable = Object.assign(bus.asBus(), { close: () => Promise.resolve() })
  const gateway = keep(
    await startTestGateway(`memory: ${memory}`, {
      dataDirectory: temporaryFolder(),
      openStore: () => Promise.resolve(fakeStore()),
      side: { workers: () => [], openBroker: () => Promise.resolve(closable) },
    }),
  )
  /** What was told once so many requests have ended. */
  const readsAfter = async (requests: number) => {
    await bus.until(({ events }) => events.filter(({ subject }) => subject === subjects.lineage).length === requests)
    return bus.events.filter(({ subject }) => subject === subjects.toolCall).map(readFileReadEvent)
  }
  return { gateway, readsAfter }
}

const run = (content: string) => [
  { role: 'user', content: 'What is in a.ts?' },
  {
    role: 'assistant',
    content: null,
    tool_calls: [{ id: 'c1', type: 'function', function: { name: 'read_file', arguments: '{"path":"a.ts"}' } }],
  },
  { role: 'tool', tool_call_id: 'c1', content },
]

test('a file that a tool has read is told once, and again when it has changed (N1.20)', async () => {
  const { gateway, readsAfter } = await start('on')
  for (const content of ['one', 'one', 'two']) {
    const response = await postChat(gateway.url, { messages: run(content) })
    await response.text()
  }
  expect(await readsAfter(3)).toMatchObject([
    { principal: 'anonymous', callId: 'c1', path: 'a.ts', bytes: 3, content: 'one' },
    { callId: 'c1', path: 'a.ts', content: 'two' },
  ])
})

test.each<[string, 'on' | 'off', Readonly<Record<string, string>>]>([
  ['nothing is remembered', 'off', {}],
  ['the request is not to be', 'on', { 'x-llmr-memory': 'off' }],
])('it is told to nobody where %s', async (_, memory, headers) => {
  const { gateway, readsAfter } = await start(memory)
  await (await postChat(gateway.url, { messages: run('one') }, { headers })).text()
  expect(await readsAfter(1)).toEqual([])
})
