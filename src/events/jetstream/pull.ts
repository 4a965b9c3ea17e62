import { createInbox, nanos } from '@nats-io/transport-node'
import type { Msg, NatsConnection } from '@nats-io/transport-node'

export interface PullOptions {
  readonly connection: NatsConnection
  readonly stream: string
  readonly consumer: string
  readonly most: number
  /** 0: only what is there. */
  readonly waitMs: number
  readonly signal?: AbortSignal
}

/** After the server should have said something. */
const graceMs = 5_000

const noMessages = 404
const timedOut = 408
const noResponders = 503

/**
 * One pull request and what it gives: ends when it has been filled, when the server says that there is no more, or with
 * the signal.
 *
 * @throws when the consumer or its stream is not there, and when the server has not answered in time
 */
export function pull(options: PullOptions): Promise<readonly Msg[]> {
  const { connection, stream, consumer, most, waitMs, signal } = options
  const { promise, resolve, reject } = Promise.withResolvers<readonly Msg[]>()
  const pulled: Msg[] = []
  const end = (): void => resolve(pulled)
  const inbox = createInbox()
  const subscription = connection.subscribe(inbox, {
    callback(error, message) {
      const status = statusOf(message)
      if (error) reject(error)
      else if (status === undefined) {
        pulled.push(message)
        if (pulled.length === most) end()
      } else if (status === noMessages || status === timedOut) end()
      else if (status >= 400) reject(refusal(message, consumer))
    },
  })
  const late = (): void => reject(new Error(`NATS did not answer a pull of consumer ${consumer} in time`))
  const timer = setTimeout(late, waitMs + graceMs)
  signal?.addEventListener('abort', end, { once: true })
  const request = waitMs === 0 ? { batch: most, no_wait: true } : { batch: most, expires: nanos(Math.ceil(waitMs)) }
  connection.publish(`$JS.API.CONSUMER.MSG.NEXT.${stream}.${consumer}`, JSON.stringify(request), { reply: inbox })
  return promise.finally(() => {
    clearTimeout(timer)
    signal?.removeEventListener('abort', end)
    subscription.unsubscribe()
  })
}

/** Messages without a body that are the server's own. */
function statusOf({ headers, data }: Msg): number | undefined {
  return data.length === 0 && headers !== undefined && headers.code > 0 ? headers.code : undefined
}

function refusal({ headers }: Msg, consumer: string): Error {
  const code = headers?.code ?? 0
  const reason = code === noResponders ? 'it is not there' : (headers?.description ?? 'it gave no reason')
  return new Error(`Consumer ${consumer} cannot be asked for events: ${reason}`)
}
