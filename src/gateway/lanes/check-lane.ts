import { checkFailure } from '../../backends/probe/check-failure.ts'
import type { LaneCheck } from '../../backends/probe/probe-backend.ts'
import type { ProbeCheck } from '../../backends/probe/probe-report.ts'
import { chooseLane } from '../../toolcalls/lane/choose-lane.ts'
import { formatOfFacts } from '../../toolcalls/lane/format-of-facts.ts'
import { emptyRecord } from '../../toolcalls/lane/lane-record.ts'
import { buildOf } from './build-of.ts'
import { keyOf, LaneFiles } from './lane-files.ts'
import { probeLane } from './probe-lane.ts'
import { ToolFactsCache } from './tool-facts-cache.ts'

export interface CheckLaneOptions {
  /** Where the gateway of this machine keeps what it has learnt. */
  readonly dataDirectory: string
  /** The model is given four small requests with tools. */
  readonly isLive: boolean
}

/**
 * On which lane a gateway would put a model: by what its prompts show, what was learnt of it, and where that is wanted by a
 * trial, which is remembered for the gateway.
 */
export function laneChecker({ dataDirectory, isLive }: CheckLaneOptions): LaneCheck {
  const files = new LaneFiles(dataDirectory)
  const known = new ToolFactsCache()
  return async ({ connection, description, model, deadline }): Promise<ProbeCheck> => {
    const check = { step: 'lane', model: model.id } as const
    const backend = { settings: connection.settings, connection, description, inFlight: 0 }
    try {
      const facts = await known.get(backend, model.id)
      const build = buildOf(description, model.id)
      const key = keyOf(backend.settings, model.id)
      const saved = files.load(key)
      let record = saved?.build === build ? saved : emptyRecord(build)
      const verdict = isLive ? await probeLane(backend, facts, { model: model.id, ...deadline }) : undefined
      if (verdict !== undefined) {
        record = { ...record, probed: { ...verdict, atMs: Date.now() } }
        await files.save(key, record)
      }
      const claimsTools = model.capabilities.tools
      const { lane, reason, atMs } = chooseLane({ claimsTools, rendersTools: facts?.rendersTools, record })
      const { format, source } = formatOfFacts(facts ?? {}, model.id)
      const since = atMs === undefined ? '' : `, since ${new Date(atMs).toISOString().slice(0, 10)}`
      const form = source === 'unknown' ? 'its calls are read in any form' : `calls as ${format.id}, by its ${source}`
      return { ...check, outcome: 'passed', detail: `${lane}: ${reason}${since}; ${form}` }
    } catch (error) {
      return checkFailure(error, check)
    }
  }
}
