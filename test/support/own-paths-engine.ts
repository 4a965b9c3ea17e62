import { join } from 'node:path'

import type { ManagedModel } from '../../src/gateway/fleet/residency-plan.ts'
import { simulatedModel } from './simulated-profile.ts'

const program = join(import.meta.dirname, '../fixtures/processes/upgrades.mjs')

/** A model whose engine has paths that llmr does not know, and takes WebSockets, which it echoes byte by byte. */
export function ownPathsModel(name: string): ManagedModel {
  const model = simulatedModel(name, { slots: 1 })
  return {
    ...model,
    kind: 'openai',
    launch: {
      ...model.launch,
      planFor: (port) => ({
        ...model.launch.planFor(port),
        argv: [process.execPath, program, String(port), name],
        readyUrl: `http://127.0.0.1:${port}/health`,
      }),
    },
  }
}

/** The bytes with which a client asks for a WebSocket. */
export function upgradeRequest(path: string, headers: readonly string[] = []): string {
  return [
    `GET ${path} HTTP/1.1`,
    'host: 127.0.0.1',
    'connection: Upgrade',
    'upgrade: websocket',
    'sec-websocket-version: 13',
    'sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==',
    ...headers,
    '\r\n',
  ].join('\r\n')
}
