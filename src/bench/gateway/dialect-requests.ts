import { type BenchModel, chatRequest } from './canned-replies.ts'

export const benchDialects = ['openai-chat', 'anthropic', 'responses', 'ollama'] as const

/** What a client speaks; engines are asked in `openai-chat`. */
export type BenchDialect = (typeof benchDialects)[number]

export const dialectPaths: Readonly<Record<BenchDialect, string>> = {
  'openai-chat': '/v1/chat/completions',
  anthropic: '/v1/messages',
  responses: '/v1/responses',
  ollama: '/api/chat',
}

/** The same chat of about this many bytes, in the words of a dialect. */
export function dialectRequest(dialect: BenchDialect, model: BenchModel, sizeBytes: number): string {
  const stream = model !== 'bench-json'
  const system = 'You are a helpful assistant.'
  switch (dialect) {
    case 'openai-chat':
      return chatRequest(model, sizeBytes)
    case 'anthropic':
      return padded(sizeBytes, (content) => ({
        model,
        system,
        messages: [{ role: 'user', content }],
        temperature: 0.7,
        max_tokens: 256,
        stream,
      }))
    case 'responses':
      return padded(sizeBytes, (content) => ({
        model,
        instructions: system,
        input: [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: content }] }],
        temperature: 0.7,
        max_output_tokens: 256,
        store: false,
        stream,
      }))
    case 'ollama':
      return padded(sizeBytes, (content) => ({
        model,
        messages: [
          { role: 'system', content: system },
          { role: 'user', content },
        ],
        options: { temperature: 0.7, num_predict: 256 },
        stream,
      }))
  }
}

function padded(sizeBytes: number, request: (content: string) => object): string {
  const missing = Math.max(0, sizeBytes - JSON.stringify(request('')).length)
  return JSON.stringify(request('The quick brown fox. '.repeat(Math.ceil(missing / 21)).slice(0, missing)))
}
