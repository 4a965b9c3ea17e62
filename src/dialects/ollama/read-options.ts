import type { ReasoningWish, ResponseFormat, Sampling } from '../../core/chat/chat-request.ts'
import { listAt, numberAt, objectAt } from '../../core/foreign-json.ts'
import { withoutUndefined } from '../../core/without-undefined.ts'
import type { Omissions } from '../omissions.ts'

/** What `/api/chat` and `/api/generate` have in common beside what is asked. */
export interface Options {
  readonly sampling: Sampling
  readonly maxTokens: number | undefined
  readonly reasoning: ReasoningWish | undefined
  readonly responseFormat: ResponseFormat | undefined
  readonly extras: Readonly<Record<string, unknown>>
}

export function readOptions(json: Readonly<Record<string, unknown>>, omissions: Omissions): Options {
  const options = objectAt(json, 'options') ?? {}
  for (const name of Object.keys(options)) {
    if (!known.has(name) && !Object.hasOwn(extraNames, name)) omissions.add(`options.${name}`)
  }
  return {
    sampling: {
      temperature: numberAt(options, 'temperature'),
      topP: numberAt(options, 'top_p'),
      topK: numberAt(options, 'top_k'),
      minP: numberAt(options, 'min_p'),
      seed: numberAt(options, 'seed'),
      stop: readStop(options),
      presencePenalty: numberAt(options, 'presence_penalty'),
      frequencyPenalty: numberAt(options, 'frequency_penalty'),
      repeatPenalty: numberAt(options, 'repeat_penalty'),
    },
    maxTokens: readMaxTokens(options),
    reasoning: readThink(json['think']),
    responseFormat: readFormat(json['format'], omissions),
    extras: withoutUndefined(
      Object.fromEntries(Object.entries(extraNames).map(([name, engineName]) => [engineName, options[name]])),
    ),
  }
}

const known: ReadonlySet<string> = new Set([
  'temperature',
  'top_p',
  'top_k',
  'min_p',
  'seed',
  'stop',
  'presence_penalty',
  'frequency_penalty',
  'repeat_penalty',
  'num_predict',
])

/** Other ways to draw a token, and what llama.cpp calls them. What belongs to the start of an engine is left out. */
const extraNames: Readonly<Record<string, string>> = {
  typical_p: 'typical_p',
  repeat_last_n: 'repeat_last_n',
  mirostat: 'mirostat',
  mirostat_tau: 'mirostat_tau',
  mirostat_eta: 'mirostat_eta',
  num_keep: 'n_keep',
}

function readStop(options: unknown): readonly string[] | undefined {
  const stop = objectAt(options)?.['stop']
  const stops = typeof stop === 'string' ? [stop] : listAt(options, 'stop').filter((text) => typeof text === 'string')
  return stops.length === 0 ? undefined : stops
}

/** Below zero: as many as there is room for. */
function readMaxTokens(options: unknown): number | undefined {
  const count = numberAt(options, 'num_predict')
  return count === undefined || count < 0 ? undefined : Math.max(1, Math.floor(count))
}

/** Without a word the model does as it is used to; clients also send `null` for that. */
function readThink(think: unknown): ReasoningWish | undefined {
  if (typeof think === 'boolean') return { isWanted: think }
  return typeof think === 'string' && think !== '' ? { isWanted: true, effort: think } : undefined
}

function readFormat(format: unknown, omissions: Omissions): ResponseFormat | undefined {
  if (format === undefined || format === null || format === '') return undefined
  if (format === 'json') return { type: 'json' }
  const schema = objectAt(format)
  if (schema !== undefined) return { type: 'schema', schema }
  omissions.add('format')
  return undefined
}
