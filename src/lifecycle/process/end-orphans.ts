import type { Logger } from '../../core/logger.ts'
import type { ChildJournal, JournalEntry } from './child-journal.ts'
import { endGroup } from './end-group.ts'
import { markName } from './engine-environment.ts'
import { isAlive, readBootId, readEnvironment, readGroup } from './process-table.ts'

/** An orphan has nobody to answer to; it only gets the time to close its files. */
const stop = { signal: 'SIGTERM', timeoutMs: 3_000 } as const

/**
 * Ends what a crashed llmr has left running, and nothing else. Returns the models it belonged to.
 *
 * An engine is known by its number and its start time together. When it has gone but something that it started has not,
 * that is known by the mark in its environment. Engines whose llmr still runs are left to it.
 */
export async function endOrphans({
  journal,
  logger,
}: {
  readonly journal: ChildJournal
  readonly logger: Logger
}): Promise<readonly string[]> {
  const ended = await Promise.all(
    journal.entries().map(async (entry) => {
      if (isAlive(entry.owner)) return []
      const isEnded = await endOrphan(entry, logger)
      journal.forget(entry)
      return isEnded ? [entry.model] : []
    }),
  )
  return ended.flat()
}

async function endOrphan(entry: JournalEntry, logger: Logger): Promise<boolean> {
  const { child, model } = entry
  if (child.bootId !== readBootId() || !isStillThere(entry)) return false
  const how = await endGroup({ pid: child.pid, stop, env: process.env })
  logger.warn({ model, pid: child.pid, how }, 'ended an engine that an earlier llmr had left running')
  return true
}

function isStillThere({ child, mark }: JournalEntry): boolean {
  if (isAlive(child)) return true
  // While a member lives no new process gets the group's number; the mark tells it from a later group's member.
  const wanted = `${markName}=${mark}`
  return readGroup(child.pid).some(({ pid }) => pid !== child.pid && readEnvironment(pid).includes(wanted))
}
