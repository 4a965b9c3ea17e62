import { llamaCppPrompts } from '../../../src/backends/tools/llama-cpp-prompts.ts'
import { numberAt, parseForeignJson, textAt } from '../../../src/core/foreign-json.ts'
import type { Strictness } from '../../../src/core/call-constraint.ts'
import { callGrammar } from '../../../src/toolcalls/constrain/call-grammar.ts'
import type { ReplyFormat } from '../../../src/toolcalls/formats/reply-format.ts'
import { replyFormats } from '../../../src/toolcalls/formats/reply-formats.ts'
import { markersOf } from '../../../src/toolcalls/lane/markers-of.ts'
import type { OfferedTool } from '../../../src/toolcalls/parse/tool-table.ts'
import { mergedReply, parseChunks } from './merge-events.ts'
import { strictProblems } from './strict-problems.ts'

export interface GrammarTrial {
  readonly format: ReplyFormat
  readonly tools: readonly OfferedTool[]
  readonly strictness: Strictness
  /** `forced`: the grammar holds from the first character. `lazy`: from the marker of a call on. */
  readonly mode: 'forced' | 'lazy'
  readonly seed: number
  /** Beyond, the reply is cut. */
  readonly tokensMax: number
}

export interface TrialResult {
  readonly status: number
  readonly text: string
  /** The engine's own word for why it ended. */
  readonly stop: string
  readonly calls: number
  readonly problems: readonly string[]
}

/** The markers of all formats, to be tokens of the model: words of real models' vocabularies. */
export const allMarkers: readonly string[] = [
  ...new Set(replyFormats.flatMap((format) => markersOf(format)).filter((marker) => /^[<[\]][^ ]+[>\]]$/.test(marker))),
]

/** Lets a model of random weights write under the grammar, and reads what it wrote as the gateway does. */
export async function tryGrammar(url: string, trial: GrammarTrial): Promise<TrialResult> {
  const { format, tools, strictness, mode, seed, tokensMax } = trial
  const mustCall = mode === 'forced'
  const constraint = callGrammar({ format, tools, strictness, mustCall, mayCallInParallel: false, isThinking: false })
  if (constraint === undefined) throw new Error(`no grammar for ${format.id}`)
  const openings = mustCall ? [] : constraint.triggers.flatMap(({ kind, text }) => (kind === 'word' ? [text] : []))
  const body = llamaCppPrompts.write(
    {
      seed,
      n_predict: tokensMax,
      temperature: 1,
      top_k: 0,
      top_p: 1,
      min_p: 0,
      logit_bias: await biases(url, format, openings),
    },
    { prompt: 'Go on.', markers: markersOf(format), constraint },
  )
  const response = await fetch(`${url}/completion`, { method: 'POST', body: JSON.stringify(body) })
  const answer = await response.text()
  const json = response.ok ? parseForeignJson(answer) : {}
  const text = textAt(json, 'content') ?? answer
  const { calls } = mergedReply(parseChunks([text], { format, tools, start: 'text' }))
  const stop = textAt(json, 'stop_type') ?? ''
  // Of a reply that was cut, nothing can be asked.
  const whole = stop === 'limit' ? [] : calls
  const problems = whole.flatMap(({ name, argumentsText }) => {
    const tool = tools.find((each) => each.name === name)
    if (tool === undefined) return [`there is no tool ${name}`]
    return strictness === 'full' ? strictProblems(argumentsText, tool.parameters) : []
  })
  return { status: response.status, text, stop, calls: whole.length, problems }
}

/** What ends values is likely, or a text would seldom end; where nothing holds the reply to a call, the marker of one is. */
async function biases(url: string, format: ReplyFormat, openings: readonly string[]) {
  const characters = [...Array.from('"\'}])', (character) => [character, 8]), ...Array.from('<>/', (each) => [each, 4])]
  const single = markersOf(format).filter((marker) => allMarkers.includes(marker))
  const markers = single.map((marker) => [marker, openings.includes(marker) ? 16 : 15] as const)
  // An engine that knows a word to end replies takes it for a token only where it is told to.
  const ids = markers.map(async ([marker, bias]) => [await tokenOf(url, marker), bias])
  return [...characters, ...(await Promise.all(ids))]
}

async function tokenOf(url: string, marker: string): Promise<number> {
  const body = JSON.stringify({ content: marker, parse_special: true, add_special: false })
  const answer = await (await fetch(`${url}/tokenize`, { method: 'POST', body })).text()
  return numberAt(parseForeignJson(answer), 'tokens', 0) ?? -1
}
