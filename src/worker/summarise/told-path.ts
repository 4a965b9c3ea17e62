import type { CondenseOptions } from '../../memory/summaries/condense-path.ts'
import type { Summaries } from '../../store/summaries.ts'
import type { Summariser } from '../../gateway/configure/summariser-of.ts'
import { startStopwatch } from '../stopwatch.ts'

export interface ToldPathOptions {
  readonly table: Summaries
  readonly summariser: Pick<Summariser, 'ask' | 'model'>
  readonly lineageKeepMs: number
}

/**
 * The path to one request's reply, whose summaries say in that request's lineage how they were made. A summary is put when
 * the model has answered, and before it is asked for the next.
 */
export function toldPath(
  requestId: string,
  { table, summariser, lineageKeepMs: keepMs }: ToldPathOptions,
): Pick<CondenseOptions, 'store' | 'ask'> {
  const { model } = summariser
  let took = startStopwatch()()
  return {
    store: {
      path: (id) => table.path(id),
      kept: (replies) => table.kept(replies),
      spoken: (replies) => table.spoken(replies),
      put: (summary) => table.put({ ...summary, model }, { ...took, requestId, keepMs }),
      remove: (summaries) => table.remove(summaries),
    },
    async ask(messages) {
      const watch = startStopwatch()
      const answer = await summariser.ask(messages)
      took = watch()
      return answer
    },
  }
}
