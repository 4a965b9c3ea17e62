import type { ToolLane } from '../../../core/tool-lane.ts'
import type { CallReader } from '../../../toolcalls/inject/call-reader.ts'
import { offeredTools } from '../../../toolcalls/inject/inject-tools.ts'
import { signOfCalls } from '../../../toolcalls/lane/sign-of-calls.ts'
import { mintCallId } from '../../../toolcalls/parse/mint-id.ts'
import { laneStage, type ReplyForm } from '../../../toolcalls/reply/lane-stage.ts'
import type { ReplyStage } from '../../../toolcalls/reply/reply-stage.ts'
import { replyCare } from '../../configure/toolcall-settings.ts'
import { noteReply } from './note-reply.ts'
import type { OpenLane } from './taken-lane.ts'

export interface ReaderParts {
  readonly name: ToolLane
  readonly form: () => ReplyForm
  /** Whether the engine was told to hold calls to a form. */
  readonly isHeld?: () => boolean
}

/** What reads the replies of a lane. What there is to be learnt from them is told to the lane book. */
export function callStage(lane: OpenLane, reading: ReaderParts): ReplyStage {
  const { exchange, intake, candidate, parts, call } = lane
  const { model } = candidate
  const { repairs } = replyCare(parts.toolcalls, [intake.model, model], exchange.request.headers['x-llmr-guard'])
  return laneStage({
    request: call.request,
    repairsMax: repairs,
    form: reading.form,
    mintId: () => mintCallId('common'),
    onIntervention: (intervention) => noteReply(exchange, intervention, { ...parts, model }),
    onCalls: (reader, repaired) => noteCalls(lane, reading, reader, repaired),
  })
}

function noteCalls(lane: OpenLane, { name, isHeld }: ReaderParts, reader: CallReader, repaired: number): void {
  const { exchange, call, candidate, backend, parts } = lane
  const { model } = candidate
  exchange.note('calls-read', callsRead(reader.told.length, repaired))
  parts.metrics.toolcallsIntervened({ kind: 'calls-read', model })
  if (repaired > 0) parts.metrics.toolcallsIntervened({ kind: 'calls-repaired', model })
  const toolNames = offeredTools(call.request).map((tool) => tool.name)
  const sign = signOfCalls({ lane: name, calls: reader.told, toolNames, areOfEngine: reader.hasEngineCalls })
  parts.lanes.sees(backend, model, { lane: name, sign })
  // Engines that cannot make a grammar of what they get may go without one, and say nothing.
  const isIgnored = sign === 'unknown-name' || sign === 'invalid-arguments'
  if (!isIgnored || isHeld?.() !== true) return
  exchange.note('grammar-ignored', sign)
  parts.lanes.findsFault(backend, model, 'ignored')
}

/** As the timeline says it. */
export function callsRead(count: number, repaired: number): string {
  return repaired === 0 ? String(count) : `${count}, ${repaired} of them put right`
}
