/** One chat request to a gateway, as plain as it gets. */
export function postChat(
  url: string,
  request: Readonly<Record<string, unknown>> = {},
  init: { headers?: Readonly<Record<string, string>>; signal?: AbortSignal } = {},
): Promise<Response> {
  return fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...init.headers },
    body: JSON.stringify({ model: 'simulated', messages: [{ role: 'user', content: 'hi' }], ...request }),
    ...(init.signal !== undefined && { signal: init.signal }),
  })
}

export interface ErrorReply {
  readonly status: number
  readonly code: string
  readonly message: string
  readonly headers: Headers
}

/** The parsed OpenAI error of a reply. */
export async function errorOf(response: Response): Promise<ErrorReply> {
  const { error } = (await response.json()) as { error: { code: string; message: string } }
  return { status: response.status, code: error.code, message: error.message, headers: response.headers }
}

/** The data of every event of a stream, `[DONE]` as it is, the rest parsed. */
export async function eventsOf(response: Response): Promise<readonly unknown[]> {
  const text = await response.text()
  return text
    .split('\n\n')
    .filter((event) => event.startsWith('data: '))
    .map((event) => (event === 'data: [DONE]' ? '[DONE]' : JSON.parse(event.slice(6))))
}
