import type { BusEvent } from '../../core/bus.ts'
import type { PairTask } from '../../core/pair-notice.ts'
import { writePairEvent } from '../../events/pair-event.ts'
import type { TurnContent } from '../../store/turn-content.ts'

/** Asks for the work on rounds that have been kept. The same round asks the same again, which counts once. */
export function roundEvents(contents: readonly TurnContent[], tasks: readonly PairTask[]): readonly BusEvent[] {
  return contents
    .filter(({ round }) => round !== undefined)
    .flatMap(({ turn }) => tasks.map((task) => writePairEvent(task, turn)))
}
