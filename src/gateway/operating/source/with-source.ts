import { setTimeout as wait } from 'node:timers/promises'

import type { AdminAccess } from '../../../cli/admin-client.ts'
import { CliError } from '../../../cli/cli-error.ts'
import type { GatewayFile } from '../gateway-file.ts'
import { findAnsweringGateway } from './find-answering-gateway.ts'
import type { OpenedSource } from './opened-source.ts'
import type { OperatorEvents } from './operator-events.ts'
import type { OperatorRecords } from './operator-records.ts'

export interface SourceWhere {
  readonly url?: string
  readonly config?: string
  readonly data?: string
  /** This llmr's. */
  readonly version: string
}

/**
 * Lends what is kept to an operator's command, by the first of these that there is:
 *
 * 1. the gateway that `--url` or LLMR_URL names, and then no other;
 * 2. the gateway of the data folder, if it answers: it may hold the store, and knows what is on its way there;
 * 3. the configured store itself: the embedded one of the data folder, or a PostgreSQL server.
 *
 * @throws CliError, ConfigError, StoreError, and what the work throws
 */
export function withRecords<Result>(
  where: SourceWhere,
  work: (records: OperatorRecords) => Promise<Result>,
): Promise<Result> {
  const ways: Ways<OperatorRecords> = {
    atGateway: async (access) => (await import('./gateway-records.ts')).gatewayRecords(access),
    here: async () => (await import('./stored-records.ts')).openStoredRecords(where),
  }
  return withSource(where, ways, work)
}

/** The same for events; the third is the broker where one is configured, and the tables of the store where none is. */
export function withEvents<Result>(
  where: SourceWhere,
  work: (events: OperatorEvents) => Promise<Result>,
): Promise<Result> {
  const ways: Ways<OperatorEvents> = {
    atGateway: async (access) => (await import('./gateway-events.ts')).gatewayEvents(access),
    here: async () => (await import('./bus-events.ts')).openBusEvents(where),
  }
  return withSource(where, ways, work)
}

interface Ways<Source> {
  readonly atGateway: (access: AdminAccess) => Promise<Source>
  readonly here: () => Promise<OpenedSource<Source>>
}

async function withSource<Source, Result>(
  where: SourceWhere,
  ways: Ways<Source>,
  work: (source: Source) => Promise<Result>,
): Promise<Result> {
  const { source, close } = await openSource(where, ways)
  try {
    return await work(source)
  } finally {
    await close()
  }
}

/** A gateway that begins or ends, and a command like this one, hold the embedded store for a moment. */
const patienceMs = 3_000
const againMs = 100

async function openSource<Source>(where: SourceWhere, ways: Ways<Source>): Promise<OpenedSource<Source>> {
  const untilMs = performance.now() + patienceMs
  for (;;) {
    const { access, file } = await findAnsweringGateway(where)
    if (access !== undefined) return { source: await ways.atGateway(access), close: () => Promise.resolve() }
    try {
      return await ways.here()
    } catch (error) {
      if (!isLocked(error)) throw error
      if (performance.now() >= untilMs) throw explainLock(error, file)
    }
    await wait(againMs)
  }
}

function isLocked(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && error.code === 'store_locked'
}

/** The lock's own words name the process that holds it. */
function explainLock(error: Error, file: GatewayFile | undefined): CliError {
  const gateway =
    file === undefined
      ? ''
      : ` The gateway that was to be asked for it, process ${file.pid} at ${file.url}, does not answer.`
  return new CliError(`${error.message}${gateway}`, {
    code: 'store_locked',
    nextSteps: [
      'A gateway that starts or ends, or another command, lets go within seconds: try again.',
      file === undefined
        ? 'A gateway with another data folder is asked with --url.'
        : `If it hangs, end it: kill ${file.pid}. Nothing that it has confirmed is lost.`,
    ],
    cause: error,
  })
}
