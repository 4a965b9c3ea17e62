import { join } from 'node:path'

import { backendKinds } from '../../../backends/backend-kinds.ts'
import { openConfig } from '../../../config/open-config.ts'
import { leftStanding } from '../../../events/spool/left-standing.ts'
import { TableBus } from '../../../store/bus/table-bus.ts'
import { brokerOpener } from '../../configure/broker-opener.ts'
import type { OperatorBus } from '../operator-bus.ts'
import { tailEvents } from '../tail-events.ts'
import { type KeptWhere, openStoreOf } from './open-kept-store.ts'
import type { OperatorEvents } from './operator-events.ts'
import type { OpenedSource } from './opened-source.ts'

/**
 * The bus that is configured, where no gateway is asked for it: the broker's, or the tables of the store.
 *
 * @throws CliError, ConfigError, StoreError, and the broker's error when it cannot be reached
 */
export async function openBusEvents(where: KeptWhere): Promise<OpenedSource<OperatorEvents>> {
  const { config, dataDirectory } = await openConfig({ flag: where.config, data: where.data, backendKinds })
  const openBroker = brokerOpener(config, process.env)
  if (openBroker !== undefined) {
    const bus = await openBroker()
    return { source: eventsOf(bus, dataDirectory), close: () => bus.close() }
  }
  const database = await openStoreOf({ config, dataDirectory, version: where.version })
  return { source: eventsOf(new TableBus(database.query), dataDirectory), close: () => database.close() }
}

function eventsOf(bus: OperatorBus, dataDirectory: string): OperatorEvents {
  return {
    consumers: () => bus.consumers(),
    deadLetters: (most) => bus.deadLetters(most),
    redrive: (id) => bus.redrive(id),
    spool: async () => leftStanding(join(dataDirectory, 'spool'), Date.now()),
    tail: (wish, write) => tailEvents({ ...wish, bus, write }),
  }
}
