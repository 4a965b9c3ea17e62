import { textOf, type Message, type ToolCallPart } from '../../core/chat/message.ts'
import { entriesOf, type ToolRound } from '../history/tool-round.ts'
import { parseJson } from '../values/coerce-text.ts'
import { maskVolatile } from './mask-volatile.ts'

/** One round of calls, as the rules compare it. What is costly to know is found out when asked, and once. */
export class ToolStep {
  readonly round: ToolRound
  readonly text: string
  #callKey: string | undefined
  #outcome: string | undefined
  #resultTexts: readonly string[] | undefined
  #isWaiting: boolean | undefined

  constructor(round: ToolRound) {
    this.round = round
    this.text = textOf(round.assistant.parts)
  }

  /** Names and arguments, however they are spelled; parallel calls in any order. */
  get callKey(): string {
    return (this.#callKey ??= this.round.calls.map(callKeyOf).sort().join('\n'))
  }

  /** What the tools gave back, without what changes by itself. */
  get outcome(): string {
    return (this.#outcome ??= this.#texts.map(maskVolatile).join('\n'))
  }

  get #texts(): readonly string[] {
    return (this.#resultTexts ??= this.round.results.map(({ parts }) => textOf(parts)))
  }

  get isError(): boolean {
    const { results } = this.round
    return (
      results.length > 0 && results.every((result) => result.isError === true || looksLikeError(textOf(result.parts)))
    )
  }

  /** It waits for something: nothing new is what is to be expected, for a while. */
  get isWaiting(): boolean {
    return (this.#isWaiting ??=
      this.round.calls.some(({ name, argumentsText }) => waits.test(`${name} ${argumentsText.slice(0, callMax)}`)) ||
      this.#texts.some((text) => text.length <= underWayMax && isUnderWay.test(text)))
  }

  /** Calls one tool alone, the same as the other does. */
  usesToolOf(other: ToolStep): boolean {
    const [call, ...more] = this.round.calls
    return (
      call !== undefined &&
      more.length === 0 &&
      other.round.calls.length === 1 &&
      call.name === other.round.calls[0]?.name
    )
  }

  /** An error that differs from the other's in names and numbers alone. */
  failsLike(other: ToolStep): boolean {
    return this.isError && other.isError && withoutNames(this.outcome) === withoutNames(other.outcome)
  }

  callsLike(other: ToolStep): boolean {
    const { calls } = this.round
    const others = other.round.calls
    if (calls.length !== others.length) return false
    // Most steps differ in their tool, and most equal ones are equal to the letter: then nothing has to be parsed.
    if (calls.length === 1 && calls[0]?.name !== others[0]?.name) return false
    if (
      calls.every(
        ({ name, argumentsText }, at) => name === others[at]?.name && argumentsText === others[at].argumentsText,
      )
    )
      return true
    return this.callKey === other.callKey
  }

  endsLike(other: ToolStep): boolean {
    const texts = this.#texts
    const others = other.#texts
    if (texts.length !== others.length) return false
    if (texts.every((text, at) => text === others[at])) return true
    // What changes by itself is short.
    if (texts.some((text, at) => Math.abs(text.length - (others[at]?.length ?? 0)) > volatileLengthMax)) return false
    return this.outcome === other.outcome
  }

  equals(other: ToolStep): boolean {
    return this.callsLike(other) && this.endsLike(other)
  }
}

/** Characters. */
const volatileLengthMax = 256
const callMax = 1_000
const underWayMax = 200

const waits = /(?:^|[^a-z])(?:sleep|wait|poll|watch)(?![a-rt-z])/i
/** A state that says so: as a field, or as all that was said. */
const isUnderWay =
  /(?:^\W*|\b(?:status|state|phase|conclusion)\W{1,6}(?:is )?)(?:running|pending|queued|building|starting|processing|provisioning|in[ _-]progress|not (?:yet )?ready)\b(?!\w* \w)/i

function withoutNames(text: string): string {
  return text.replaceAll(/['"`][^'"`]*['"`]|\S*[\d/\\]\S*/g, '<name>')
}

/** The steps since a person last said something. */
export function stepsSincePerson(messages: readonly Message[]): ToolStep[] {
  const start = messages.findLastIndex(isFromPerson)
  return stepsOf(messages.slice(start + 1))
}

export function stepsOf(messages: readonly Message[]): ToolStep[] {
  return entriesOf(messages).flatMap((entry) => ('round' in entry ? [new ToolStep(entry.round)] : []))
}

/** Clients put reminders and results into user turns; they are no person's word. */
export function isFromPerson(message: Message): boolean {
  if (message.role !== 'user') return false
  const text = textOf(message.parts).trim()
  if (text === '') return message.parts.some(({ type }) => type !== 'text')
  return !/^<(system-reminder|environment_details|tool_result|tool_response)>[\s\S]*<\/\1>$/.test(text)
}

/** Keys sorted, JSON in strings unwrapped, white space folded. */
export function callKeyOf({ name, argumentsText }: ToolCallPart): string {
  const value = parseJson(argumentsText)
  if (value === undefined) return `${name} ${argumentsText.replaceAll(/\s+/g, ' ').trim()}`
  return `${name} ${JSON.stringify(canonical(value, 0))}`
}

const depthMax = 32

function canonical(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return canonicalString(value, depth)
  if (typeof value !== 'object' || value === null || depth > depthMax) return value
  if (Array.isArray(value)) return value.map((item: unknown) => canonical(item, depth + 1))
  const members = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1))
  return Object.fromEntries(members.map(([key, member]) => [key, canonical(member, depth + 1)]))
}

function canonicalString(text: string, depth: number): unknown {
  const trimmed = text.trim()
  const inner = /^[{[]/.test(trimmed) && depth < depthMax ? parseJson(trimmed) : undefined
  return inner === undefined ? trimmed.replaceAll(/\s+/g, ' ') : canonical(inner, depth + 1)
}

function looksLikeError(text: string): boolean {
  const head = text.slice(0, 200)
  if (/command not found|no such file or directory/i.test(head)) return true
  return /^\s*(?:\W*\s*)?(?:error|exception|failed|failure|traceback|fatal|invalid|unknown tool|permission denied)\b/i.test(
    head,
  )
}
