import { LlmrError } from '../../core/error.ts'
import { at, countAt, listAt, numberAt, textAt } from '../../core/foreign-json.ts'
import { withoutUndefined } from '../../core/without-undefined.ts'
import { Omissions } from '../omissions.ts'
import type { Restatement, RestatingDialect } from '../restating-dialect.ts'
import { ollamaPagesDialect } from './ollama-dialect.ts'
import { readResidence } from './read-residence.ts'

/** Ollama's `/api/embed`: one text or several. */
export const ollamaEmbedDialect: RestatingDialect = {
  ...ollamaPagesDialect,
  restate: (_operation, json) =>
    restate(json, readInput(json['input']), (embeddings, { reply, model, elapsedMs }) => ({
      model,
      embeddings,
      total_duration: Math.max(1, Math.round(elapsedMs * 1e6)),
      load_duration: 1,
      prompt_eval_count: numberAt(reply, 'usage', 'prompt_tokens') ?? 0,
    })),
}

/** Ollama's `/api/embeddings`, which came before it: one text, called a prompt. */
export const ollamaEmbeddingsDialect: RestatingDialect = {
  ...ollamaPagesDialect,
  restate: (_operation, json) => restate(json, textAt(json, 'prompt') ?? '', ([embedding = []]) => ({ embedding })),
}

interface Answer {
  readonly reply: unknown
  readonly model: string
  readonly elapsedMs: number
}

function restate(
  json: Readonly<Record<string, unknown>>,
  input: string | readonly string[],
  write: (embeddings: readonly unknown[], answer: Answer) => object,
): Restatement {
  const omissions = new Omissions()
  for (const field of Object.keys(json)) if (!knownFields.has(field)) omissions.add(field)
  return {
    json: withoutUndefined({
      model: textAt(json, 'model'),
      input,
      dimensions: countAt(json, 'dimensions'),
      encoding_format: 'float',
    }),
    notes: omissions.notes,
    residence: readResidence(json['keep_alive']),
    writeReply: (reply, facts) => write(readEmbeddings(reply), { ...facts, reply }),
  }
}

/** How long a text may be is the engine's to say; what it is loaded with was said at its start. */
const knownFields: ReadonlySet<string> = new Set(['model', 'input', 'prompt', 'dimensions', 'keep_alive'])

/** @throws LlmrError `invalid_request` */
function readInput(input: unknown): string | readonly string[] {
  if (typeof input === 'string') return input
  if (Array.isArray(input) && input.every((text) => typeof text === 'string')) return input
  throw new LlmrError('invalid_request', 'Expected "input" to be a text or a list of texts.', {
    param: 'input',
    isRetryable: false,
  })
}

/** @throws SyntaxError */
function readEmbeddings(reply: unknown): readonly unknown[] {
  const data = at(reply, 'data')
  if (!Array.isArray(data)) throw new SyntaxError('expected a list of embeddings')
  return data
    .toSorted((one, other) => (numberAt(one, 'index') ?? 0) - (numberAt(other, 'index') ?? 0))
    .map((item) => listAt(item, 'embedding'))
}
