import { headers as emptyHeaders } from '@nats-io/transport-node'
import type { Msg, MsgHdrs } from '@nats-io/transport-node'

import type { BusEvent } from '../../core/bus.ts'
import type { AckAddress } from './ack-address.ts'

/** Headers of the transport: not the event's own, and never handed to consumers. */
const transportHeaders = /^(?:Nats-|Llmr-Redriven-)/
const idHeader = 'Nats-Msg-Id'
const subjectHeader = 'Llmr-Redriven-Subject'
const originalIdHeader = 'Llmr-Redriven-Id'
const publishedHeader = 'Llmr-Redriven-Published-Ms'

export interface EventMessage {
  readonly subject: string
  readonly headers: MsgHdrs
  readonly payload: string
}

export function writeEvent(event: BusEvent): EventMessage {
  return { subject: event.subject, headers: writeHeaders(event), payload: JSON.stringify(event.body) }
}

/** As a message for one consumer alone, which is how it comes again to the one that buried it. */
export function writeRedriven(
  event: BusEvent,
  { subject, messageId, publishedAtMs }: { subject: string; messageId: string; publishedAtMs: number },
): EventMessage {
  const headers = writeHeaders(event)
  headers.set(idHeader, encodeValue(messageId))
  headers.set(originalIdHeader, encodeValue(event.id))
  headers.set(subjectHeader, event.subject)
  headers.set(publishedHeader, String(publishedAtMs))
  return { subject, headers, payload: JSON.stringify(event.body) }
}

export interface ReceivedEvent {
  readonly event: BusEvent
  readonly publishedAtMs: number
}

/** @throws SyntaxError when the body is not JSON: somebody else published it. */
export function readEvent(message: Msg, address: AckAddress): ReceivedEvent {
  const { headers } = message
  const own: Record<string, string> = {}
  for (const [name, [value = '']] of headers ?? []) {
    if (!transportHeaders.test(name)) own[name] = decodeValue(value)
  }
  const published = headers?.get(publishedHeader)
  return {
    event: {
      id: decodeValue(headers?.get(originalIdHeader) || headers?.get(idHeader) || String(address.sequence)),
      subject: headers?.get(subjectHeader) || message.subject,
      headers: own,
      body: JSON.parse(message.string()) as unknown,
    },
    publishedAtMs: published ? Number(published) : address.publishedAtMs,
  }
}

function writeHeaders({ id, headers }: BusEvent): MsgHdrs {
  const written = emptyHeaders()
  written.set(idHeader, encodeValue(id))
  for (const [name, value] of Object.entries(headers)) written.set(name, encodeValue(value))
  return written
}

/** As CloudEvents have it: whatever is not printable ASCII, and the percent sign and the double quote, as UTF-8 bytes. */
function encodeValue(value: string): string {
  return value.toWellFormed().replaceAll(/[^\x21-\x7e]|["%]/gu, (character) => {
    const escaped = Array.from(Buffer.from(character), (byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`)
    return escaped.join('')
  })
}

function decodeValue(value: string): string {
  try {
    return decodeURIComponent(value)
  } catch {
    return value // another program's, which does not encode
  }
}
