import { at, parseForeignJson, textAt } from '../core/foreign-json.ts'

/** Longer than any sentence an engine has to say; some answer with a whole HTML page. */
const messageMaxLength = 2_000

/**
 * What an engine says went wrong, out of any of the shapes in use: `{"error":{"message"}}` (OpenAI, llama.cpp, newer
 * vLLM), `{"error":"text"}` (Ollama, LM Studio), `{"message"}` (older vLLM), `{"detail"}` (FastAPI: text, or a list of
 * complaints), or plain text. `''` when it says nothing.
 */
export function engineMessage(bodyText: string): string {
  const body = parseForeignJson(bodyText)
  const found = body === undefined ? withoutMarkup(bodyText) : (fromJson(body) ?? bodyText.trim())
  return unwrapNested(found).slice(0, messageMaxLength)
}

function fromJson(body: unknown): string | undefined {
  if (typeof body === 'string') return body
  return (
    textAt(body, 'error', 'message') ??
    textAt(body, 'error') ??
    textAt(body, 'message') ??
    textAt(body, 'detail') ??
    textAt(body, 'detail', 'message') ??
    firstComplaint(body) ??
    textAt(body, 0, 'error', 'message')
  )
}

/** FastAPI's validation errors: `{"detail":[{"loc":["body","messages"],"msg":"Field required"}]}`. */
function firstComplaint(body: unknown): string | undefined {
  const complaint = textAt(body, 'detail', 0, 'msg')
  const place = at(body, 'detail', 0, 'loc')
  return complaint === undefined || !Array.isArray(place) ? complaint : `${place.join('.')}: ${complaint}`
}

/** Ollama passes its runner's error on as text that is JSON again. */
function unwrapNested(message: string): string {
  if (!message.startsWith('{')) return message
  return fromJson(parseForeignJson(message)) ?? message
}

function withoutMarkup(text: string): string {
  const start = text.slice(0, 8 * messageMaxLength).trim()
  if (!start.startsWith('<')) return start
  const title = /<title>([^<]{1,200})<\/title>/i.exec(start)?.[1]
  return title === undefined ? 'an HTML page' : `an HTML page titled "${title.trim()}"`
}
