import type { Insertable, Selectable } from 'kysely'

import type { KeptReply } from '../core/chat/kept-reply.ts'
import type { MemoryScope } from '../core/memory-scope.ts'
import type { StoredResponseTable } from './database.ts'

/** A reply that its client may come back to, as the Responses API has it. */
export interface StoredResponse extends KeptReply, MemoryScope {
  /** From here on it is not found any more, and soon after it is gone. */
  readonly expiresMs: number
}

export function toRow(response: StoredResponse): Insertable<StoredResponseTable> {
  const texts = {
    input_items: JSON.stringify(response.inputItems),
    output_items: JSON.stringify(response.outputItems),
    metadata: JSON.stringify(response.metadata),
    fields: JSON.stringify(response.fields),
  }
  return {
    tenant: response.tenant,
    principal: response.principal,
    id: response.id,
    previous_id: response.previousId ?? null,
    model: response.model,
    status: response.status,
    created_at: new Date(response.createdMs),
    expires_at: new Date(response.expiresMs),
    ...texts,
    bytes: Object.values(texts).reduce((sum, text) => sum + Buffer.byteLength(text), 0),
  }
}

export function fromRow(row: Selectable<StoredResponseTable>): StoredResponse {
  return {
    id: row.id,
    tenant: row.tenant,
    principal: row.principal,
    model: row.model,
    status: row.status,
    createdMs: row.created_at.getTime(),
    expiresMs: row.expires_at.getTime(),
    ...(row.previous_id !== null && { previousId: row.previous_id }),
    inputItems: row.input_items,
    outputItems: row.output_items,
    metadata: row.metadata,
    fields: row.fields,
  }
}
