import type { ChatRequest } from '../../core/chat/chat-request.ts'
import type { Message } from '../../core/chat/message.ts'
import { LlmrError } from '../../core/error.ts'
import { flagAt, listAt, textAt } from '../../core/foreign-json.ts'
import type { Omissions } from '../omissions.ts'
import { readImage } from './read-image.ts'
import { readOptions } from './read-options.ts'

/**
 * A request to `/api/generate`: a prompt for the model's own template is one message of a user. With `raw` it is text to go
 * on with as it stands, and with a `suffix` a gap to be filled.
 *
 * @throws LlmrError `invalid_request` when `prompt` is something else than a text
 */
export function readGenerate(json: Readonly<Record<string, unknown>>, omissions: Omissions): ChatRequest {
  for (const field of Object.keys(json)) if (!knownFields.has(field)) omissions.add(field)
  const prompt = readText(json['prompt'])
  const suffix = textAt(json, 'suffix') ?? ''
  const isRaw = flagAt(json, 'raw') === true || suffix !== ''
  return {
    model: textAt(json, 'model'),
    messages: isRaw ? [] : readPrompt(json, prompt),
    tools: [],
    isStream: flagAt(json, 'stream') ?? true,
    ...(isRaw && prompt + suffix !== '' && { completion: { prompt, ...(suffix !== '' && { suffix }) } }),
    ...readOptions(json, omissions),
  }
}

/** What is no text would read as none, and load the model instead of an answer. */
function readText(prompt: unknown): string {
  if (prompt === undefined || prompt === null) return ''
  if (typeof prompt === 'string') return prompt
  const kind = Array.isArray(prompt) ? 'a list' : `a ${typeof prompt}`
  throw new LlmrError('invalid_request', `Expected "prompt" to be a text; it is ${kind}.`, {
    param: 'prompt',
    isRetryable: false,
  })
}

const knownFields: ReadonlySet<string> = new Set([
  'model',
  'prompt',
  'suffix',
  'system',
  'images',
  'raw',
  'stream',
  'format',
  'options',
  'think',
  'keep_alive',
])

function readPrompt(json: unknown, prompt: string): Message[] {
  const images = listAt(json, 'images').flatMap(readImage)
  if (prompt === '' && images.length === 0) return []
  const system = textAt(json, 'system') ?? ''
  return [
    ...(system === '' ? [] : [{ role: 'system', parts: [{ type: 'text', text: system }] } as const]),
    { role: 'user', parts: [...(prompt === '' ? [] : [{ type: 'text', text: prompt } as const]), ...images] },
  ]
}
