import type { ChannelCalls, ChannelWay } from '../../formats/reply-format.ts'
import { callObjectRule, perTool } from './call-object-rule.ts'
import type { CallChoice } from './call-rule-parts.ts'
import { anyOf, literal } from '../rules/grammar-rules.ts'
import { jsonRule } from '../rules/json-rules.ts'
import { untilRule } from '../rules/until-rule.ts'

export interface ChannelChoice extends CallChoice {
  readonly calls: ChannelCalls
  readonly mustCall: boolean
  /** The prompt ends within a thought. */
  readonly isThinking: boolean
  /** The calls in a body that are of another format. */
  readonly innerCalls: string
}

/** One message that is a call, in each way in which its header may be written; where it has to come, a thought before it. */
export function channelCallsRule(choice: ChannelChoice): string {
  const { rules, calls, mustCall } = choice
  const { ways, forcedWays = ways, close } = calls
  const written = (mustCall ? forcedWays : ways).map((way) => wayRule(choice, way))
  // An engine may take the end of the message for that of the reply, which is allowed only where nothing has to follow.
  const message = `${anyOf(written)} ${jsonRule(rules, 'ws')} ( ${literal(close)} )?`
  return mustCall ? `${thoughtRule(choice)} ${message}` : message
}

function wayRule(choice: ChannelChoice, { before, recipient, after }: ChannelWay): string {
  const { rules, calls, innerCalls } = choice
  const ws = jsonRule(rules, 'ws')
  const [start, end] = [literal(before), anyOf(after.map(literal))]
  if (recipient === 'tool') return `${start} ${perTool(choice, (name, value) => `${literal(name)} ${end} ${value}`)}`
  const name = recipient === 'any' ? '[a-zA-Z0-9_.-]{0,64}' : ''
  const { body } = calls
  const inner = body.kind === 'call' ? callObjectRule(choice, { ...body, others: [] }) : innerCalls
  return `${start} ${name} ${end} ${ws} ${inner}`
}

function thoughtRule({ rules, calls, isThinking }: ChannelChoice): string {
  const { open, close, next } = calls.thought
  const rest = `${untilRule(rules, close)} ${literal(next)}`
  return isThinking ? rest : `( ${literal(open)} ${rest} )?`
}
