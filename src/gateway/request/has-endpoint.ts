import { adapterOf } from '../../backends/adapter-of.ts'
import type { Operation } from '../../core/operation.ts'

/** Whether engines of this kind are to be asked for such a thing at all. */
export function hasEndpoint(kind: string, operation: Operation): boolean {
  // A guard model is asked by chat, which every engine has.
  return operation === 'moderation' || adapterOf(kind).path(operation) !== undefined
}
