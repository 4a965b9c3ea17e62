import { numberAt, parseForeignJson, textAt } from '../../../core/foreign-json.ts'
import { SseEvents } from '../../../core/sse-events.ts'
import type { ChantWatch } from '../../../toolcalls/loop/chant-watch.ts'

/**
 * Watches a stream whose bytes pass for what is no reply any more, and ends it in its own words. Only the text is looked
 * for in the events, they are not parsed: that costs about a microsecond each.
 */
export class StreamCut {
  readonly #watch: ChantWatch
  /** Present where the client asked for the usage: what its prompt is estimated at. */
  readonly #promptTokens: number | undefined
  readonly #events = new SseEvents()
  #isDeaf = false
  #last = ''
  #texts = 0

  constructor(parts: { readonly watch: ChantWatch; readonly promptTokens: number | undefined }) {
    this.#watch = parts.watch
    this.#promptTokens = parts.promptTokens
  }

  /** Whether the stream is to be ended, as soon as no event is broken by that. */
  push(chunk: Buffer): boolean {
    let isOver = false
    for (const data of this.#hear(chunk)) {
      const [opening, name] = said.exec(data) ?? []
      const text = opening === undefined ? '' : textAfter(data, data.indexOf(opening) + opening.length)
      if (text === '') continue
      this.#last = data
      this.#texts++
      isOver = this.#watch.hear({ type: name === 'content' ? 'text' : 'reasoning', text: unescaped(text) })
    }
    return isOver
  }

  /** A line without an end is no chat, and would be held for as long as it comes. */
  #hear(chunk: Buffer): readonly string[] {
    if (this.#isDeaf) return []
    const events = this.#events.push(chunk)
    this.#isDeaf = this.#events.pendingLength > lineMaxLength
    if (this.#isDeaf) this.#events.end()
    return events
  }

  /** The events that a client expects at the end. */
  ending(): string {
    const last = parseForeignJson(this.#last)
    const head = {
      id: textAt(last, 'id'),
      object: 'chat.completion.chunk',
      created: numberAt(last, 'created'),
      model: textAt(last, 'model'),
    }
    const finish = { ...head, choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }
    return [finish, ...this.#usage(head), '[DONE]'].map(asEvent).join('')
  }

  /** Engines send a token an event, as a rule. */
  #usage(head: object): object[] {
    if (this.#promptTokens === undefined) return []
    const prompt_tokens = this.#promptTokens
    const completion_tokens = this.#texts
    const usage = { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens }
    return [{ ...head, choices: [], usage }]
  }
}

/** Text in quotes inside of text has its quotes escaped, and is not taken for a field. */
const said = /"(content|reasoning_content|reasoning)": ?"/

const lineMaxLength = 1024 * 1024

/** A JSON string from behind its opening quote, as it is written. Searched for: a pattern takes the stack for each character. */
function textAfter(data: string, start: number): string {
  for (let end = data.indexOf('"', start); end !== -1; end = data.indexOf('"', end + 1)) {
    let escapes = 0
    while (data[end - 1 - escapes] === '\\') escapes++
    if (escapes % 2 === 0) return data.slice(start, end)
  }
  return ''
}

function unescaped(text: string): string {
  if (!text.includes('\\')) return text
  const parsed = parseForeignJson(`"${text}"`)
  return typeof parsed === 'string' ? parsed : text
}

function asEvent(data: object | string): string {
  return `data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`
}
