import type { BusEvent } from '../core/bus.ts'
import type { FileRead } from '../core/file-read.ts'
import { EventFields } from './event-fields.ts'
import { EventUnreadable } from './event-unreadable.ts'
import { subjects } from './subjects.ts'
import { cloudEvent, type EventSource } from './cloud-event.ts'

export const fileReadType = 'llmr.knowledge.tool_call.v1'

/** A file that a tool has read. The same request and call told again is the same event. */
export function writeFileReadEvent(
  read: FileRead & { readonly correlationId: string },
  { atMs, source }: { readonly atMs: number; readonly source: EventSource },
): BusEvent {
  const id = `${read.requestId}/tool_call/${read.callId}`
  return {
    id,
    subject: subjects.toolCall,
    headers: cloudEvent({ type: fileReadType, id, atMs, about: read, source }),
    body: {
      request_id: read.requestId,
      tenant: read.tenant,
      principal: read.principal,
      call_id: read.callId,
      path: read.path,
      sha256: read.sha256,
      bytes: read.bytes,
      content: read.content,
    },
  }
}

/** @throws EventUnreadable */
export function readFileReadEvent({ headers, body }: BusEvent): FileRead {
  const type = headers['ce-type']
  if (type !== fileReadType) throw new EventUnreadable(`expected ce-type ${fileReadType}, got ${type ?? 'none'}`)
  const fields = new EventFields(body)
  return {
    requestId: fields.text('request_id'),
    tenant: fields.text('tenant'),
    principal: fields.text('principal'),
    callId: fields.text('call_id'),
    path: fields.text('path'),
    sha256: fields.digest('sha256'),
    bytes: fields.count('bytes'),
    content: fields.maybeText('content'),
  }
}
