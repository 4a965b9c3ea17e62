import type { ChatAbilities } from '../../../backends/chat/chat-abilities.ts'
import type { Candidate } from '../../../core/candidate.ts'
import { at, flagAt, numberAt, textAt } from '../../../core/foreign-json.ts'
import { isToolLane, type ToolLane } from '../../../core/tool-lane.ts'
import type { Exchange } from '../../../http/exchange.ts'
import type { ReplyFormat } from '../../../toolcalls/formats/reply-format.ts'
import { readFormat, writeFormat } from '../../../toolcalls/formats/written-format.ts'
import { isFromGateway } from '../../request/hops.ts'
import type { TakenLane } from '../../request/toolcalls/taken-lane.ts'

/**
 * What decides, beside the request and the configuration, what becomes of a request and its reply: what the gateway knew of
 * the model's way with tools, what the engine can do, what the client wished.
 */
export interface RecordedWay {
  readonly lane: ToolLane
  /** The request asked for that lane, or another one had failed: a configured one would not have been taken. */
  readonly isAboveConfig: boolean
  /** By which llmr read the reply; absent where it did not. */
  readonly format?: ReplyFormat
  /** The engine's own name of the model. */
  readonly model: string
  readonly isCloud: boolean
  readonly canPrefill: boolean
  readonly hasTemplate: boolean
  readonly contextLength?: number
  /** That a small model drafted. */
  readonly plan?: string
  /** The headers `x-llmr-guard` and `x-llmr-continue`. */
  readonly guard?: string
  readonly continuation?: string
  /** Another gateway had done it all. */
  readonly isFromGateway: boolean
}

export interface WayParts {
  readonly lane: TakenLane
  readonly candidate: Candidate
  readonly abilities: ChatAbilities
  /** Taken in place of one that failed. */
  readonly isInstead: boolean
}

export function wayOf(exchange: Exchange, { lane, candidate, abilities, isInstead }: WayParts): RecordedWay {
  const { headers } = exchange.request
  return {
    lane: lane.name,
    isAboveConfig: isInstead || isToolLane(headers['x-llmr-lane']),
    format: lane.form?.().format,
    model: candidate.model,
    isCloud: candidate.trust === 'cloud',
    canPrefill: abilities.continuation !== undefined,
    hasTemplate: abilities.hasTemplate,
    contextLength: candidate.description?.contextLength,
    plan: lane.intake.plan,
    guard: headers['x-llmr-guard']?.toString(),
    continuation: headers['x-llmr-continue']?.toString(),
    isFromGateway: isFromGateway(exchange),
  }
}

/** As it stands in a line of a transcript. */
export function writeWay({ format, ...way }: RecordedWay): object {
  return {
    lane: way.lane,
    above_config: way.isAboveConfig,
    format: format && writeFormat(format),
    model: way.model,
    cloud: way.isCloud,
    prefill: way.canPrefill,
    template: way.hasTemplate,
    context: way.contextLength,
    plan: way.plan,
    guard: way.guard,
    continue: way.continuation,
    from_gateway: way.isFromGateway,
  }
}

/** Of a line of a transcript; undefined where it says nothing of it. */
export function readWay(line: unknown): RecordedWay | undefined {
  const lane = textAt(line, 'way', 'lane')
  if (!isToolLane(lane)) return undefined
  return {
    lane,
    isAboveConfig: flagAt(line, 'way', 'above_config') === true,
    format: readFormat(at(line, 'way', 'format')),
    model: textAt(line, 'way', 'model') ?? '',
    isCloud: flagAt(line, 'way', 'cloud') === true,
    canPrefill: flagAt(line, 'way', 'prefill') === true,
    hasTemplate: flagAt(line, 'way', 'template') === true,
    contextLength: numberAt(line, 'way', 'context'),
    plan: textAt(line, 'way', 'plan'),
    guard: textAt(line, 'way', 'guard'),
    continuation: textAt(line, 'way', 'continue'),
    isFromGateway: flagAt(line, 'way', 'from_gateway') === true,
  }
}
