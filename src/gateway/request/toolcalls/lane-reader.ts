import type { ToolLane } from '../../../core/tool-lane.ts'
import type { ReplyFormat } from '../../../toolcalls/formats/reply-format.ts'
import { CallReader } from '../../../toolcalls/inject/call-reader.ts'
import { offeredTools } from '../../../toolcalls/inject/inject-tools.ts'
import { signOfCalls } from '../../../toolcalls/lane/sign-of-calls.ts'
import { mintCallId } from '../../../toolcalls/parse/mint-id.ts'
import type { ReplyStart } from '../../../toolcalls/parse/start-state.ts'
import { AnswerStage } from '../../../toolcalls/reply/answer-stage.ts'
import { CallStage } from '../../../toolcalls/reply/call-stage.ts'
import type { ReplyIntervention } from '../../../toolcalls/reply/reply-intervention.ts'
import type { ReplyStage } from '../../../toolcalls/reply/reply-stage.ts'
import { replyCare } from '../../configure/toolcall-settings.ts'
import { noteReply } from './note-reply.ts'
import type { OpenLane } from './taken-lane.ts'

/**
 * What reads the replies of a lane. Also of a model that is offered no tools but sees calls in its history: it may go on
 * calling.
 *
 * @param form asked for each reply of the engine
 */
export function callStage(lane: OpenLane, form: () => ReaderParts): ReplyStage {
  const { exchange, intake, candidate, parts, call } = lane
  const { model } = candidate
  const { repairs } = replyCare(parts.toolcalls, [intake.model, model], exchange.request.headers['x-llmr-guard'])
  const shared = {
    request: call.request,
    repairsMax: repairs,
    onIntervention: (intervention: ReplyIntervention) => noteReply(exchange, intervention, { ...parts, model }),
  }
  if (offeredTools(call.request).length > 0) {
    return new CallStage({ ...shared, openReader: () => readerFor(lane, form()) })
  }
  return new AnswerStage({ ...shared, format: form().format, mintId: () => mintCallId('common') })
}

function readerFor(lane: OpenLane, { name, format, start, isHeld }: ReaderParts): CallReader {
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
      if (isIgnored && isHeld?.() === true) {
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
  /** Whether the engine was told to hold calls to a form. */
  readonly isHeld?: () => boolean
}
