import type { CallConstraint } from '../../../core/call-constraint.ts'
import type { ToolLane } from '../../../core/tool-lane.ts'
import type { ReplyFormat } from '../../../toolcalls/formats/reply-format.ts'
import { CallReader } from '../../../toolcalls/inject/call-reader.ts'
import { offeredTools } from '../../../toolcalls/inject/inject-tools.ts'
import { signOfCalls } from '../../../toolcalls/lane/sign-of-calls.ts'
import { mintCallId } from '../../../toolcalls/parse/mint-id.ts'
import type { ReplyStart } from '../../../toolcalls/parse/start-state.ts'
import { CallStage } from '../../../toolcalls/reply/call-stage.ts'
import { replyCare } from '../../configure/toolcall-settings.ts'
import { noteReply } from './note-reply.ts'
import type { OpenLane } from './taken-lane.ts'

export function callStage(
  { exchange, intake, candidate: { model }, parts, call }: OpenLane,
  openReader: () => CallReader,
): CallStage {
  return new CallStage({
    openReader,
    request: call.request,
    repairsMax: replyCare(parts.toolcalls, [intake.model, model], exchange.request.headers['x-llmr-guard']).repairs,
    onIntervention: (intervention) => noteReply(exchange, intervention, { ...parts, model }),
  })
}

/** Also for a model that is offered none, but sees calls in its history: it may go on calling. */
export function readerFor(lane: OpenLane, { name, format, start, constraint }: ReaderParts): CallReader {
  const { exchange, call, candidate, backend, parts } = lane
  const { model } = candidate
  const tools = offeredTools(call.request)
  const toolNames = tools.map((tool) => tool.name)
  const reader = new CallReader({
    style: { format },
    start,
    tools,
    mayCallInParallel: call.request.mayCallInParallel !== false,
    mintId: () => mintCallId('common'),
    onCalls: (count, repaired) => {
      exchange.note('calls-read', repaired === 0 ? String(count) : `${count}, ${repaired} of them put right`)
      parts.metrics.toolcallsIntervened({ kind: 'calls-read', model })
      if (repaired > 0) parts.metrics.toolcallsIntervened({ kind: 'calls-repaired', model })
      const sign = signOfCalls({ lane: name, calls: reader.told, toolNames, areOfEngine: reader.hasEngineCalls })
      parts.lanes.sees(backend, model, { lane: name, sign })
      // Engines that cannot make a grammar of what they get may go without one, and say nothing.
      const isIgnored = sign === 'unknown-name' || sign === 'invalid-arguments'
      if (isIgnored && constraint?.() !== undefined) {
        exchange.note('grammar-ignored', sign)
        parts.lanes.findsFault(backend, model, 'ignored')
      }
    },
  })
  return reader
}

interface ReaderParts {
  readonly name: ToolLane
  readonly format: ReplyFormat
  readonly start?: ReplyStart
  /** What the last prompt was sent with. */
  readonly constraint?: () => CallConstraint | undefined
}
