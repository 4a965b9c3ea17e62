import type { Bus, Consumer } from '../../../src/core/bus.ts'

/** A bus that kills its process after so many batches, each time before it could be told of the last; 0: never. */
export function killingBus(bus: Bus, batches: number): Bus {
  let left = batches
  const killing = (consumer: Consumer): Consumer => ({
    fetch: (options) => consumer.fetch({ ...options, waitMs: 2_000 }),
    done(deliveries) {
      left -= 1
      if (left === 0) process.kill(process.pid, 'SIGKILL')
      return consumer.done(deliveries)
    },
    working: (deliveries) => consumer.working(deliveries),
    release: (deliveries, afterMs) => consumer.release(deliveries, afterMs),
    bury: (delivery, reason) => consumer.bury(delivery, reason),
    backlog: () => consumer.backlog(),
  })
  return {
    consumer: async (options) => killing(await bus.consumer(options)),
    consumers: () => bus.consumers(),
    publish: (events) => bus.publish(events),
    removeConsumer: (name) => bus.removeConsumer(name),
    deadLetters: (most) => bus.deadLetters(most),
    redrive: (id) => bus.redrive(id),
  }
}
