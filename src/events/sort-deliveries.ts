import type { Delivery } from '../core/bus.ts'
import type { WorkerDefinition } from '../core/worker-definition.ts'

export interface Blamed {
  readonly delivery: Delivery
  readonly reason: string
}

/** What is to be done with what was fetched, in this order. */
export interface SortedDeliveries {
  /** To be lent to somebody else. */
  readonly passedOn: readonly Delivery[]
  /** To be put aside without another try. */
  readonly givenUp: readonly Blamed[]
  /** To be done one after the other; what becomes of one is nothing to the others. */
  readonly groups: readonly (readonly Delivery[])[]
}

/** What was lent so often may be what ends the process each time: it is tried last, and alone. */
const aloneAfterAttempts = 5

/** And then no more. An outage holds what was lent, and so cannot use these up. */
const attemptsMost = 20

/** As long as a worker of a later version may take to be started. */
const passedOnForMs = 3_600_000

export function sortDeliveries(
  deliveries: readonly Delivery[],
  { isForLater = () => false }: Pick<WorkerDefinition, 'isForLater'>,
  nowMs: number,
): SortedDeliveries {
  const {
    later = [],
    hopeless = [],
    suspect = [],
    usual = [],
  } = Object.groupBy(deliveries, ({ event, attempt }) => {
    if (isForLater(event)) return 'later'
    if (attempt > attemptsMost) return 'hopeless'
    return attempt > aloneAfterAttempts ? 'suspect' : 'usual'
  })
  const isYoung = ({ publishedAtMs }: Delivery): boolean => nowMs - publishedAtMs < passedOnForMs
  return {
    passedOn: later.filter(isYoung),
    givenUp: [
      ...later
        .filter((delivery) => !isYoung(delivery))
        .map(blamed('it is of a later version, and no worker of that came')),
      ...hopeless.map(blamed(`it was lent ${attemptsMost} times and nothing came of it: it may end the process`)),
    ],
    groups: [...(usual.length > 0 ? [usual] : []), ...suspect.map((delivery) => [delivery])],
  }
}

function blamed(reason: string) {
  return (delivery: Delivery): Blamed => ({ delivery, reason })
}
