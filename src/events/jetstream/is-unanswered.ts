import { RequestError } from '@nats-io/transport-node'

/** Whether an error says that nobody listens where something was sent: the stream or the consumer is not there. */
export function isUnanswered(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  return (error instanceof RequestError && error.isNoResponders()) || isUnanswered(error.cause)
}
