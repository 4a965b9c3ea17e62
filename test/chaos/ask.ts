import { type IncomingMessage, request } from 'node:http'

export interface Question {
  readonly url: string
  readonly model: string
  readonly isStream: boolean
  readonly maxTokens: number
  /** When the client leaves: so long after it asked, or with so many chunks of the reply. */
  readonly leave?: { readonly afterMs: number } | { readonly afterChunks: number }
  /** From asking to the end of the reply. */
  readonly timeoutMs: number
}

/** How it ended for the client. `wrong` is what must never happen, and says what did. */
export type Outcome =
  | { readonly kind: 'whole' | 'left' }
  | { readonly kind: 'refused' | 'told'; readonly code: string }
  /** The connection broke before a word of a reply: right only when the gateway is closing. */
  | { readonly kind: 'unheard'; readonly problem: string }
  | { readonly kind: 'wrong'; readonly problem: string }

/** One chat request on a connection of its own, judged by what a client can see of it. Never rejects. */
export function ask(question: Question): Promise<Outcome> {
  const { url, model, isStream: stream, maxTokens, leave, timeoutMs } = question
  return new Promise((resolve) => {
    let isLeaving = false
    let text = ''
    let chunks = 0
    const sent = request(`${url}/v1/chat/completions`, {
      method: 'POST',
      agent: false,
      headers: { 'content-type': 'application/json' },
    })
    const settle = (outcome: Outcome): void => {
      clearTimeout(bound)
      clearTimeout(leaving)
      sent.destroy()
      resolve(isLeaving ? { kind: 'left' } : outcome)
    }
    const goAway = (): void => {
      isLeaving = true
      settle({ kind: 'left' })
    }
    const bound = setTimeout(() => settle(wrong(`${model}: no end within ${timeoutMs} ms: ${text}`)), timeoutMs)
    const leaving = leave && 'afterMs' in leave ? setTimeout(goAway, leave.afterMs) : undefined
    sent.on('error', ({ message }) => settle({ kind: 'unheard', problem: `${model}: no reply: ${message}` }))
    sent.on('response', (response) => {
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        text += chunk
        chunks++
        if (leave && 'afterChunks' in leave && chunks >= leave.afterChunks) goAway()
      })
      response.on('error', () => settle(judge({ question, response, text, isCut: true })))
      response.on('end', () => settle(judge({ question, response, text, isCut: false })))
    })
    const messages = [{ role: 'user', content: 'Say something, and then say more of it.' }]
    sent.end(JSON.stringify({ model, stream, max_tokens: maxTokens, messages }))
  })
}

function judge(reply: {
  readonly question: Question
  readonly response: IncomingMessage
  readonly text: string
  readonly isCut: boolean
}): Outcome {
  const { question, response, text, isCut } = reply
  const status = response.statusCode ?? 0
  const described = `${question.model} (${status}${isCut ? ', cut' : ''}): ${text.slice(-400)}`
  if (response.headers['content-type']?.startsWith('text/event-stream') === true)
    return judgeStream(question, text, described)
  if (isCut) return wrong(`a whole reply was cut: ${described}`)
  const body = parse(text)
  if (status === 200) return judgeModel(question, body, described)
  const code = errorCode(body)
  if (code === undefined || code === 'internal_error') return wrong(`not a reply for a client: ${described}`)
  return { kind: 'refused', code }
}

function judgeStream(question: Question, text: string, described: string): Outcome {
  const events = text.split('\n\n').flatMap((event) => (event.startsWith('data: ') ? event.slice(6) : []))
  const failure = events.map((event) => errorCode(parse(event))).find((code) => code !== undefined)
  if (failure === 'internal_error') return wrong(`not an error for a client: ${described}`)
  if (failure !== undefined) return { kind: 'told', code: failure }
  if (events.at(-1) !== '[DONE]') return wrong(`a stream ended as if it were whole: ${described}`)
  return judgeModel(question, parse(events.at(-2) ?? ''), described)
}

/** Ports are used again: what answers must be the engine that was meant. */
function judgeModel({ model }: Question, body: unknown, described: string): Outcome {
  return field(body, 'model') === model ? { kind: 'whole' } : wrong(`another model answered: ${described}`)
}

function wrong(problem: string): Outcome {
  return { kind: 'wrong', problem }
}

function errorCode(body: unknown): string | undefined {
  const code = field(field(body, 'error'), 'code')
  return typeof code === 'string' ? code : undefined
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Object.getOwnPropertyDescriptor(value, name)?.value : undefined
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
