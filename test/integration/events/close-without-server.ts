import { openJetStreamBus } from '../../../src/events/jetstream/open-jetstream-bus.ts'
import { stallingProxy } from '../../support/stalling-proxy.ts'

/** Opens a bus, loses the way to its server, and closes it: nothing may keep this process alive then. Usage: PORT */
const way = await stallingProxy({ host: '127.0.0.1', port: Number(process.argv[2]) })
const bus = await openJetStreamBus({ url: `nats://127.0.0.1:${way.port}`, clientName: 'lost' })
await way.close()
const publishing = bus.publish([{ id: '1', subject: 'pipeline.knowledge.lost', headers: {}, body: 1 }])
await publishing.catch(() => undefined)
await bus.close()
await bus.close()
