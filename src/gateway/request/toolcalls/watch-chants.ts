import type { ToolcallsConfig } from '../../../config/schema.ts'
import type { Candidate } from '../../../core/candidate.ts'
import type { ChatRequest } from '../../../core/chat/chat-request.ts'
import { flagAt } from '../../../core/foreign-json.ts'
import type { Exchange } from '../../../http/exchange.ts'
import { ChantWatch } from '../../../toolcalls/loop/chant-watch.ts'
import { replyCare } from '../../configure/toolcall-settings.ts'
import { isFromGateway } from '../hops.ts'
import type { Intake } from '../intake.ts'
import { StreamCut } from '../reply/stream-cut.ts'
import { noteReply, type NoteParts } from './note-reply.ts'

export interface WatchParts extends Omit<NoteParts, 'model'> {
  readonly toolcalls: ToolcallsConfig
}

/**
 * Who listens whether a stream falls into saying one thing over and over; undefined where nobody does. Of gateways in a
 * chain the first does, and a cloud has models that can stop.
 */
export function watchChants(
  exchange: Exchange,
  intake: Intake,
  { model, trust }: Candidate,
  parts: WatchParts,
): ChantWatch | undefined {
  const { operation, request, model: asked } = intake
  if (operation !== 'chat' || !request.isStream || trust === 'cloud' || isFromGateway(exchange)) return undefined
  const { cutsChants } = replyCare(parts.toolcalls, [asked, model], exchange.request.headers['x-llmr-guard'])
  if (!cutsChants || isConstrained(intake)) return undefined
  return new ChantWatch(({ unit, count }) => {
    noteReply(exchange, { kind: 'content-loop', detail: toldChant(unit, count) }, { ...parts, model })
  }, intake.outline?.lastUserText)
}

/** As the timeline says it. */
export function toldChant(unit: string, count: number): string {
  return `${unit.length} characters, ${count} times`
}

/** The same for a stream whose bytes pass. */
export function cutFor(watch: ChantWatch, { request: { json }, approximateTokens }: Intake): StreamCut {
  const isUsageWanted = flagAt(json, 'stream_options', 'include_usage') === true
  return new StreamCut({ watch, promptTokens: isUsageWanted ? approximateTokens : undefined })
}

/** Lists of equal records are what was asked for there. */
function isConstrained({ chat, request: { json = {} } }: Intake): boolean {
  return chat === undefined ? namesConstraint(json) : isHeldToShape(chat.request)
}

export function isHeldToShape({ responseFormat, extras = {} }: ChatRequest): boolean {
  return responseFormat !== undefined || namesConstraint(extras)
}

function namesConstraint(body: object): boolean {
  return Object.keys(body).some((name) => constraints.test(name))
}

const constraints = /^(?:response_format|json_schema|grammar|structured_outputs|guided_\w+|format)$/
