/** The models of the canned backend; the name says how it replies. */
export const benchModels = ['bench-json', 'bench-burst', 'bench-paced', 'bench-idle'] as const

export type BenchModel = (typeof benchModels)[number]

export const eventsPerStream = 200
/** Time between the events of `bench-paced`: an engine that writes 50 tokens a second. */
export const pacedIntervalMs = 20

/** A chat request of about this many bytes. */
export function chatRequest(model: BenchModel, sizeBytes: number): string {
  const isStream = model !== 'bench-json'
  const request = (content: string): string =>
    JSON.stringify({
      model,
      messages: [
        { role: 'system', content: 'You are a helpful assistant.' },
        { role: 'user', content },
      ],
      temperature: 0.7,
      max_tokens: 256,
      stream: isStream,
      ...(isStream ? { stream_options: { include_usage: true } } : {}),
    })
  const words = 'The quick brown fox jumps over the lazy dog.\n'
  const missing = sizeBytes - request('').length
  return request(words.repeat(Math.ceil(missing / words.length)).slice(0, Math.max(0, missing)))
}

const usage = { prompt_tokens: 230, completion_tokens: eventsPerStream, total_tokens: 230 + eventsPerStream }

/** A chat completion of about 900 bytes. */
export function chatCompletion(model: BenchModel): Buffer {
  const reply = {
    id: 'chatcmpl-bench',
    object: 'chat.completion',
    created: 1_767_225_600,
    model,
    choices: [{ index: 0, message: { role: 'assistant', content: 'All is well. '.repeat(50) }, finish_reason: 'stop' }],
    usage,
  }
  return Buffer.from(JSON.stringify(reply))
}

/** The events of one streamed chat: `eventsPerStream` with text, one with the usage, and the end marker. */
export function streamEvents(model: BenchModel): readonly Buffer[] {
  const event = (facts: object): string =>
    `data: ${JSON.stringify({ id: 'chatcmpl-bench', object: 'chat.completion.chunk', created: 1_767_225_600, model, ...facts })}\n\n`
  const choice = (content: string) => ({ choices: [{ index: 0, delta: { content }, finish_reason: null }] })
  const texts = Array.from({ length: eventsPerStream }, (_, index) => event(choice(` word${index}`)))
  return [...texts, event({ choices: [], usage }), 'data: [DONE]\n\n'].map((text) => Buffer.from(text))
}
