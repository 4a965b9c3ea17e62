import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

import { LlmrError } from '../core/error.ts'
import { expositionContentType } from '../telemetry/exposition.ts'
import type { PageAccess } from './page-access.ts'
import type { Readiness } from './readiness.ts'

export interface WorkerPagesOptions {
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  readonly name: string
  readonly version: string
  readonly access: PageAccess
  readonly readiness: () => Promise<Readiness>
  /** In the Prometheus text format. */
  readonly metrics: () => Promise<string>
}

export interface WorkerPages {
  readonly url: string
  /** Cuts connections. May be called twice. */
  close(): Promise<void>
}

/**
 * `/healthz`: 200 as long as the process answers. `/readyz`: 200 while it can work, else 503, and to those who may read
 * `/metrics` why.
 *
 * @throws the socket's error when the address cannot be had
 */
export async function startWorkerPages(options: WorkerPagesOptions): Promise<WorkerPages> {
  const { host, port } = options
  const server = createServer((request, response) => void answer(request, response, options))
  server.listen(port, host)
  await once(server, 'listening')
  return {
    url: urlOf(host, (server.address() as AddressInfo).port),
    async close() {
      if (!server.listening) return
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

/** Rejects never. */
async function answer(request: IncomingMessage, response: ServerResponse, options: WorkerPagesOptions): Promise<void> {
  const { status, headers, body } = await reply(request, options).catch(failureReply)
  response.writeHead(status, headers).end(request.method === 'HEAD' ? undefined : body)
}

interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

async function reply(request: IncomingMessage, options: WorkerPagesOptions): Promise<Reply> {
  const { name: worker, version, access, readiness, metrics } = options
  if (request.method !== 'GET' && request.method !== 'HEAD')
    throw new LlmrError('method_not_allowed', 'This is a worker of llmr: its pages are read with GET.')
  switch (request.url) {
    case '/healthz':
      return json(200, { status: 'ok', worker, version })
    case '/readyz': {
      const maySeeReasons = await access(request).then(
        () => true,
        () => false,
      )
      const { isReady, reasons } = await readiness()
      const status = isReady ? 'ready' : 'not ready'
      return json(isReady ? 200 : 503, { status, worker, ...(maySeeReasons && !isReady && { reasons }) })
    }
    case '/metrics':
      await access(request)
      return { status: 200, headers: { 'content-type': expositionContentType }, body: await metrics() }
    default:
      throw new LlmrError('route_not_found', 'This is a worker of llmr: /healthz, /readyz, /metrics.')
  }
}

function failureReply(thrown: unknown): Reply {
  const error = thrown instanceof LlmrError ? thrown : new LlmrError('internal_error', 'The page could not be made.')
  const { status, headers } = json(error.status, {})
  const { code, message } = error
  return {
    status,
    headers: { ...headers, ...error.facts.headers },
    body: `${JSON.stringify({ error: { code, message } })}\n`,
  }
}

function json(status: number, value: object): Reply {
  return { status, headers: { 'content-type': 'application/json' }, body: `${JSON.stringify(value)}\n` }
}

function urlOf(host: string, port: number): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}
