import type { Script } from './engine-options.ts'
import { exampleJson } from './example-json.ts'
import { simulatedText, simulatedWords } from './simulated-text.ts'
import { pieces } from './tokenizer.ts'

/** What a generation is asked for, whichever endpoint it came by. */
export interface GenerationRequest {
  readonly prompt: readonly number[]
  /** What the reply quotes. */
  readonly userText: string
  /** Lines that a gateway quoted of the conversation, which the reply quotes too. */
  readonly remembered?: readonly string[]
  /** Tokens the reply may have; the context bounds it as well. */
  readonly maxTokens: number | undefined
  readonly stop: readonly string[]
  readonly ignoresEnd: boolean
  /** The reply is JSON of this schema. */
  readonly jsonSchema: unknown
  readonly tools: readonly Tool[]
  /** A call must be made: of this tool, or of the first. */
  readonly mustCall: boolean
  readonly toolName: string | undefined
  readonly slotId: number | undefined
  readonly mayUseCache: boolean
  readonly isStream: boolean
  readonly reportsProgress: boolean
  readonly reportsTimings: boolean
}

export interface Tool {
  readonly name: string
  readonly parameters: unknown
}

/** One token of a reply. */
export type ReplyPiece =
  | { readonly type: 'reasoning'; readonly text: string }
  | { readonly type: 'content'; readonly text: string }
  | {
      readonly type: 'tool-call'
      readonly index: number
      readonly id: string
      readonly name: string
      readonly text: string
    }
  | { readonly type: 'tool-arguments'; readonly index: number; readonly text: string }

export interface ReplyPlan {
  readonly pieces: readonly ReplyPiece[]
  readonly finishReason: string
  /** The stop text that ended it, `''` if none did. */
  readonly stopText: string
}

export interface ReplyCircumstances {
  readonly model: string
  readonly seed: number
  readonly script: Script | undefined
  /** For tool calls. */
  readonly nextId: () => string
  /** Tokens left in the context. */
  readonly room: number
}

/** Everything a reply will be, before the first token is sent. */
export function planReply(request: GenerationRequest, circumstances: ReplyCircumstances): ReplyPlan {
  // The engine makes one token even when it is asked for none.
  const limit = Math.min(Math.max(request.maxTokens ?? Infinity, 1), circumstances.room)
  const wanted = wantedPieces(request, circumstances)
  const endless = request.ignoresEnd ? fill(wanted, limit, circumstances.seed) : wanted
  const { pieces: stopped, stopText } = cutAtStop(endless, request.stop)
  const kept = stopped.slice(0, limit)
  const isStopped = stopText !== '' && kept.length === stopped.length
  const isCut = !isStopped && (request.ignoresEnd || kept.length < stopped.length)
  return {
    pieces: kept,
    stopText: isStopped ? stopText : '',
    finishReason: circumstances.script?.finishReason ?? finishReasonOf(kept, isCut),
  }
}

function wantedPieces(request: GenerationRequest, { model, seed, script, nextId }: ReplyCircumstances): ReplyPiece[] {
  const called = script ? undefined : calledTool(request)
  const calls = script?.toolCalls ?? (called ? [{ name: called.name, arguments: exampleJson(called.parameters) }] : [])
  const content = script?.content ?? (calls.length > 0 ? '' : composed(request, { model, seed }))
  return [
    ...pieces(script?.reasoning ?? '').map((text) => ({ type: 'reasoning', text }) as const),
    ...(typeof content === 'string' ? pieces(content) : content).map((text) => ({ type: 'content', text }) as const),
    ...calls.flatMap((call, index) => callPieces({ ...call, index, id: nextId() })),
  ]
}

function composed(
  { userText, remembered, jsonSchema }: GenerationRequest,
  { model, seed }: { model: string; seed: number },
): string {
  return jsonSchema === undefined
    ? simulatedText({ model, prompt: userText, remembered, seed })
    : JSON.stringify(exampleJson(jsonSchema))
}

/** A tool is called when the request insists, or when the user's message names it. */
function calledTool({ tools, mustCall, toolName, userText }: GenerationRequest): Tool | undefined {
  if (mustCall) return toolName === undefined ? tools[0] : tools.find(({ name }) => name === toolName)
  return tools.find(({ name }) => userText.includes(name))
}

interface PlannedCall {
  readonly index: number
  readonly id: string
  readonly name: string
  readonly arguments: unknown
}

function callPieces(call: PlannedCall): ReplyPiece[] {
  const { index, id, name } = call
  const text = typeof call.arguments === 'string' ? call.arguments : JSON.stringify(call.arguments)
  const [first = '', ...rest] = pieces(text)
  return [
    { type: 'tool-call', index, id, name, text: first },
    ...rest.map((part): ReplyPiece => ({ type: 'tool-arguments', index, text: part })),
  ]
}

function cutAtStop(
  wanted: readonly ReplyPiece[],
  stop: readonly string[],
): { readonly pieces: readonly ReplyPiece[]; readonly stopText: string } {
  const content = wanted.map((piece) => (piece.type === 'content' ? piece.text : '')).join('')
  const [first] = stop
    .filter((text) => text !== '')
    .map((text) => ({ text, at: content.indexOf(text) }))
    .filter(({ at }) => at >= 0)
    .sort((one, other) => one.at - other.at)
  if (!first) return { pieces: wanted, stopText: '' }
  const kept: ReplyPiece[] = []
  let length = 0
  for (const piece of wanted) {
    if (piece.type !== 'content') {
      if (piece.type === 'reasoning') kept.push(piece)
      continue // what follows the stop text is never made
    }
    const text = piece.text.slice(0, first.at - length)
    if (text !== '') kept.push({ type: 'content', text })
    length += text.length
    if (length >= first.at) break
  }
  return { pieces: kept, stopText: first.text }
}

function fill(made: readonly ReplyPiece[], limit: number, seed: number): readonly ReplyPiece[] {
  const filled = [...made]
  const next = simulatedWords(seed)
  while (filled.length < limit) {
    for (const text of pieces(` ${next()}`)) filled.push({ type: 'content', text })
  }
  return filled
}

function finishReasonOf(kept: readonly ReplyPiece[], isCut: boolean): string {
  if (isCut) return 'length'
  return kept.some(({ type }) => type === 'tool-call') ? 'tool_calls' : 'stop'
}
