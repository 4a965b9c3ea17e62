import { type BackendFailure, failureFromError } from '../../../backends/failure.ts'

/** A reply that did not come to its end, however politely the connection was closed. */
export function cutOff(message: string, at: { readonly url: string; readonly hasReplyBegun: boolean }): BackendFailure {
  return failureFromError(Object.assign(new Error(message), { code: 'UND_ERR_SOCKET' }), at)
}
