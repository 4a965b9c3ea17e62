import { LlmrError } from '../../core/error.ts'
import { isNestedDeeper } from '../../core/is-nested-deeper.ts'
import { findMultipartField } from './multipart-field.ts'

/** A request of OpenAI's family, read just far enough to route it. The body itself travels as it came. */
export interface OpenAiRequest {
  /** The model asked for; absent when the client named none. */
  readonly model: string | undefined
  readonly isStream: boolean
  readonly encoding: 'json' | 'multipart' | 'urlencoded' | 'none'
  /** The parsed body of a JSON request. */
  readonly json: Readonly<Record<string, unknown>> | undefined
}

/** Schemas of tools nest a few dozen levels; every step of a request can walk this many. */
const nestingMax = 500

/**
 * Finds the model name wherever clients put it: JSON, multipart, a urlencoded form, or the query string.
 *
 * A JSON body is recognised by its first character too: curl sends JSON as a urlencoded form unless told otherwise.
 *
 * @throws LlmrError `invalid_json` or `invalid_request`
 */
export function readRequest(parts: { contentType: string | undefined; body: Buffer; query: string }): OpenAiRequest {
  const { contentType = '', body, query } = parts
  const type = contentType.toLowerCase()
  if (type.startsWith('multipart/form-data')) {
    const model = findMultipartField(body, contentType, 'model')?.value
    const stream = findMultipartField(body, contentType, 'stream')?.value
    return { model: model ?? fromQuery(query), isStream: stream === 'true', encoding: 'multipart', json: undefined }
  }
  const looksLikeJson = firstCharacter(body) === '{'
  if (type.startsWith('application/x-www-form-urlencoded') && !looksLikeJson) {
    const form = new URLSearchParams(body.toString())
    return {
      model: form.get('model') ?? fromQuery(query),
      isStream: form.get('stream') === 'true',
      encoding: 'urlencoded',
      json: undefined,
    }
  }
  if (body.length === 0 && type.includes('json')) throw emptyBody()
  if (body.length === 0) return { model: fromQuery(query), isStream: false, encoding: 'none', json: undefined }

  const json = parseObject(body)
  const { model = fromQuery(query), stream } = json
  if (model !== undefined && model !== null && typeof model !== 'string') {
    throw new LlmrError('invalid_request', `Expected "model" to be a string; it is ${describe(model)}.`, {
      param: 'model',
    })
  }
  return { model: model || undefined, isStream: stream === true, encoding: 'json', json }
}

/** An engine would say so in the words of its parser. */
function emptyBody(): LlmrError {
  return new LlmrError('invalid_json', 'The request body is empty; expected a JSON object.')
}

function parseObject(body: Buffer): Record<string, unknown> {
  let value: unknown
  try {
    value = JSON.parse(body.toString())
  } catch (error) {
    const reason = error instanceof Error ? error.message : ''
    throw new LlmrError('invalid_json', `The request body is not valid JSON: ${reason.slice(0, 200)}`, { cause: error })
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new LlmrError('invalid_json', `Expected the request body to be a JSON object; it is ${describe(value)}.`)
  }
  if (isNestedDeeper(value, nestingMax)) {
    throw new LlmrError(
      'invalid_json',
      `Expected objects and arrays within each other on at most ${nestingMax} levels; the request body has more.`,
      { isRetryable: false },
    )
  }
  return value as Record<string, unknown>
}

function fromQuery(query: string): string | undefined {
  return query === '' ? undefined : (new URLSearchParams(query).get('model') ?? undefined)
}

function firstCharacter(body: Buffer): string {
  return body.subarray(0, 64).toString('latin1').trimStart().charAt(0)
}

function describe(value: unknown): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'an array' : `a ${typeof value}`
}
