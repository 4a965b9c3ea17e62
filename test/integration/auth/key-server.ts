import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

import { onTestFinished } from 'vitest'

export interface KeyServer {
  readonly url: string
  /** Requests that have arrived so far. */
  readonly requests: number
  answer: (response: ServerResponse) => void
  /** Resolves when the request after those already counted has arrived. */
  nextRequest(): Promise<void>
  stop(): Promise<void>
}

/** Publishes a key set the way an identity provider does, or misbehaves as told. */
export async function startKeyServer(answer: KeyServer['answer']): Promise<KeyServer> {
  let requests = 0
  const server = createServer((_, response) => {
    requests += 1
    keyServer.answer(response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo

  const keyServer: KeyServer = {
    url: `http://127.0.0.1:${port}/jwks.json`,
    get requests() {
      return requests
    },
    answer,
    nextRequest: async () => {
      await once(server, 'request')
    },
    stop: async () => {
      if (!server.listening) return
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
  onTestFinished(() => keyServer.stop())
  return keyServer
}

export function withKeys(...keys: readonly object[]): KeyServer['answer'] {
  return (response) => response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys }))
}
