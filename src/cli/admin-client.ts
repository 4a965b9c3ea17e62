import { CliError } from './cli-error.ts'

export interface AdminAccess {
  readonly url: string
  readonly key: string | undefined
}

/** A gateway on this machine answers at once, or something is wrong with it. */
const timeoutUsualMs = 10_000

/**
 * Asks the running gateway's admin API.
 *
 * @param path below `/llmr/v1/`
 * @throws CliError `gateway_unreachable`, or the gateway's own refusal
 */
export async function askGateway(
  access: AdminAccess,
  path: string,
  request: {
    method?: 'GET' | 'POST'
    body?: string
    headers?: Readonly<Record<string, string>>
    timeoutMs?: number
  } = {},
): Promise<unknown> {
  const response = await send(access, path, {
    method: request.method ?? 'GET',
    headers: request.headers,
    body: request.body,
    signal: AbortSignal.timeout(request.timeoutMs ?? timeoutUsualMs),
  })
  const text = await response.text()
  if (!response.ok) throw refusal(access, response.status, text)
  return JSON.parse(text)
}

/**
 * What the gateway tells for as long as somebody listens, in bytes as they come.
 *
 * @throws CliError `gateway_unreachable`, or the gateway's own refusal; whatever the signal says once it is given
 */
export async function followGateway(
  access: AdminAccess,
  path: string,
  signal: AbortSignal,
): Promise<AsyncIterable<Uint8Array>> {
  const response = await send(access, path, { method: 'GET', signal })
  if (!response.ok || response.body === null) throw refusal(access, response.status, await response.text())
  return response.body
}

interface SentRequest {
  readonly method: 'GET' | 'POST'
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  readonly signal: AbortSignal
}

async function send(
  access: AdminAccess,
  path: string,
  { method, headers, body, signal }: SentRequest,
): Promise<Response> {
  const url = new URL(`llmr/v1/${path}`, access.url.endsWith('/') ? access.url : `${access.url}/`)
  try {
    return await fetch(url, {
      method,
      headers: {
        'content-type': 'application/json',
        ...headers,
        ...(access.key !== undefined && { authorization: `Bearer ${access.key}` }),
      },
      ...(body !== undefined && { body }),
      signal,
    })
  } catch (cause) {
    throw new CliError(`No gateway answers at ${access.url}.`, {
      code: 'gateway_unreachable',
      nextSteps: ['Start one with `llmr serve`.', 'Or say where it is with --url or LLMR_URL.'],
      cause,
    })
  }
}

/**
 * Which gateway to ask: the flag, then `LLMR_URL` and `LLMR_KEY`, then the one that runs on this machine.
 *
 * @throws CliError `gateway_not_running`
 */
export function findGateway(options: {
  url: string | undefined
  environment: Readonly<Record<string, string | undefined>>
  /** What the gateway on this machine has left in its data folder. */
  running: { readonly url: string; readonly admin_key: string } | undefined
}): AdminAccess {
  const { environment, running } = options
  // Compose and unit files hand over what is not set as an empty text.
  const url = options.url ?? (environment['LLMR_URL'] || undefined)
  const key = environment['LLMR_KEY'] || undefined
  if (url !== undefined) return { url, key: key ?? (running?.url === url ? running.admin_key : undefined) }
  if (running !== undefined) return { url: running.url, key: key ?? running.admin_key }
  throw new CliError('No running gateway was found on this machine.', {
    code: 'gateway_not_running',
    nextSteps: [
      'Start one with `llmr serve`.',
      'Or name one elsewhere with --url or LLMR_URL, and its key with LLMR_KEY.',
    ],
  })
}

function refusal(access: AdminAccess, status: number, text: string): CliError {
  const isAuth = status === 401 || status === 403
  return new CliError(`The gateway at ${access.url} refused (${status}): ${messageOf(text)}`, {
    code: isAuth ? 'gateway_refused' : 'gateway_failed',
    nextSteps: isAuth ? ['Set LLMR_KEY to a key with the scope admin: `llmr keys create NAME --scope admin`.'] : [],
  })
}

function messageOf(text: string): string {
  try {
    const body: unknown = JSON.parse(text)
    const error: unknown = typeof body === 'object' && body !== null ? Reflect.get(body, 'error') : undefined
    const message: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, 'message') : undefined
    if (typeof message === 'string') return message
  } catch {
    // not JSON: shown as it is
  }
  return text.slice(0, 300)
}
