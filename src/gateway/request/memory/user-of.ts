import { hash } from 'node:crypto'

import type { Exchange } from '../../../http/exchange.ts'

/**
 * Which of its users a trusted key asks for; undefined where it says none, and always for keys that are not trusted. Different
 * users never get the same name, whatever a client calls them: it is printable ASCII without blanks, slashes and percent
 * signs of the client's own.
 */
export function userOf({ principal, request }: Pick<Exchange, 'principal' | 'request'>): string | undefined {
  if (principal?.trustsUserHeaders !== true) return undefined
  const said = String(request.headers['x-llmr-user'] ?? '')
  if (said === '') return undefined
  // Node hands over headers as latin1: each character is one byte.
  const name = said.replaceAll(/[^\x21-\x24\x26-\x2e\x30-\x7d]/g, percentEscape)
  return name.length <= nameMax ? name : `~${hash('sha256', said)}`
}

/** It goes into logs, tables and commands. A tilde begins no shorter name: it is escaped there. */
const nameMax = 128

function percentEscape(byte: string): string {
  return `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`
}
