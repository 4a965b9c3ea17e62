/** Replies of servers under test, read as whatever they turn out to be; the assertions say what they must be. */
export interface Reply {
  readonly status: number
  readonly headers: Headers
  // oxlint-disable-next-line typescript/no-explicit-any -- the shape is what is being tested
  readonly body: any
}

export interface EventStream {
  readonly headers: Headers
  // oxlint-disable-next-line typescript/no-explicit-any -- the shape is what is being tested
  readonly data: readonly any[]
  /** It ended with `[DONE]`. */
  readonly isDone: boolean
}

/** GET, or POST when there is a body; text is sent as it is. */
export async function ask(url: string, body?: unknown): Promise<Reply> {
  const response = await send(url, body)
  return { status: response.status, headers: response.headers, body: await response.json() }
}

/** POST, and all events of the stream that answers it. */
export async function events(url: string, body: unknown): Promise<EventStream> {
  const response = await send(url, body)
  const texts = (await response.text())
    .split('\n\n')
    .filter((event) => event.startsWith('data: '))
    .map((event) => event.slice('data: '.length))
  const isDone = texts.at(-1) === '[DONE]'
  return {
    headers: response.headers,
    data: texts.filter((text) => text !== '[DONE]').map((text) => JSON.parse(text)),
    isDone,
  }
}

function send(url: string, body: unknown): Promise<Response> {
  if (body === undefined) return fetch(url)
  return fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
}
