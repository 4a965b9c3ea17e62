import { expect } from 'vitest'

import { fakeStore } from '../../store/fake-store.ts'
import { postChat } from '../../support/chat.ts'
import { MemoryBus } from '../../support/memory-bus.ts'
import { closeAfterEach } from '../../support/resources.ts'
import { startTestGateway } from '../../support/start-gateway.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { readTurnEvent } from '../../../src/events/read-turn-event.ts'
import { subjects } from '../../../src/events/subjects.ts'
import { Conversations } from '../../../src/store/conversations.ts'
import { failureRow } from './failure-row.ts'

const keep = closeAfterEach()

/** Never answers. */
class HungConversations extends Conversations {
  constructor() {
    super(undefined as never)
  }

  override put(): Promise<never> {
    return new Promise(() => undefined)
  }
}

failureRow('place of a request in its conversation is not found in time', async () => {
  const bus = new MemoryBus()
  const store = fakeStore({ conversations: new HungConversations() })
  const broker = Object.assign(bus.asBus(), { close: () => Promise.resolve() })
  const gateway = keep(
    await startTestGateway('memory: on', {
      dataDirectory: temporaryFolder(),
      openStore: () => Promise.resolve(store),
      side: { workers: () => [], openBroker: () => Promise.resolve(broker) },
    }),
  )
  const response = await postChat(gateway.url)
  expect(response.status).toBe(200)
  expect(await response.text()).toContain('assistant')
  expect(response.headers.get('x-llmr-conversation')).toBeNull()
  await gateway.logged(({ msg }) => msg === 'the store does not answer; requests go on without it')
  await bus.until(({ events }) => events.some(({ subject }) => subject === subjects.persist))
  const told = bus.events.find(({ subject }) => subject === subjects.persist)
  expect(told && readTurnEvent(told)).not.toHaveProperty('place.conversation')
  const metrics = await (await fetch(`${gateway.url}/metrics`)).text()
  expect(metrics).toContain('llmr_identity_resolved_total{tier="unresolved"} 1')
})
