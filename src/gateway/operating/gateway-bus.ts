import type { ConsumerStanding, DeadLetter } from '../../core/bus.ts'
import { askGateway, type AdminAccess } from '../../cli/admin-client.ts'
import type { OperatorBus } from './operator-bus.ts'

/** The bus of the gateway that holds the embedded store, which nobody else can open meanwhile. It is our own, and of one mind with us. */
export function gatewayBus(access: AdminAccess): OperatorBus {
  return {
    consumers: async () =>
      listOf(await askGateway(access, 'events/consumers'), 'consumers') as readonly ConsumerStanding[],
    deadLetters: async (most) =>
      listOf(await askGateway(access, `events/dead-letters?most=${most}`), 'dead_letters') as readonly DeadLetter[],
    async redrive(id) {
      const reply = await askGateway(access, 'events/redrive', { method: 'POST', body: JSON.stringify({ id }) })
      return typeof reply === 'object' && reply !== null && Reflect.get(reply, 'is_redriven') === true
    },
  }
}

function listOf(reply: unknown, name: string): readonly unknown[] {
  const list: unknown = typeof reply === 'object' && reply !== null ? Reflect.get(reply, name) : undefined
  return Array.isArray(list) ? list : []
}
