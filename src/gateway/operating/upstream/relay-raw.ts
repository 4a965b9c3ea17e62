import type { RawAnswer } from '../../../backends/raw/open-raw.ts'
import { failureFromError } from '../../../backends/failure.ts'
import type { Exchange } from '../../../http/exchange.ts'

type Reply = Extract<RawAnswer, { kind: 'reply' }>

/**
 * Gives an engine's reply to the client byte by byte. Resolves when it is out, the client is gone, or it broke off: then the
 * connection is cut, as a reply that ends early must not look whole.
 */
export function relayRaw(
  exchange: Exchange,
  { status, headers, body }: { status: number; headers: readonly string[]; body: Reply['body'] },
  { idleTimeoutMs, url }: { idleTimeoutMs: number; url: string },
): Promise<void> {
  const { record } = exchange
  return new Promise((resolve) => {
    const watchdog = setTimeout(() => body.destroy(new Error('the engine has fallen silent')), idleTimeoutMs)
    body.on('data', (chunk: Buffer) => {
      watchdog.refresh()
      record.timeToFirstByteMs ??= exchange.elapsedMs()
      if (!exchange.write(chunk)) body.pause()
    })
    body.once('end', () => exchange.end())
    body.on('error', (error) => {
      record.errorCode = 'backend_stream_died'
      exchange.note('backend-failed', failureFromError(error, { url, hasReplyBegun: true }).causeClass)
    })
    body.once('close', () => {
      clearTimeout(watchdog)
      if (!body.complete) exchange.destroy()
      exchange.onClientGone(undefined)
      resolve()
    })
    exchange.onDrain(() => {
      watchdog.refresh()
      body.resume()
    })
    exchange.onClientGone(() => body.destroy())
    exchange.begin(status, headers)
  })
}
