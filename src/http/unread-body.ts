import type { IncomingMessage } from 'node:http'

/** How long a client is listened to that goes on sending after it was answered. */
const lingerMs = 1_000

/** True while bytes of the body are still to come. Node knows so of a request without one, too, only a moment later. */
export function hasUnreadBody({ complete, headers }: IncomingMessage): boolean {
  return !complete && (headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0)
}

/** The client asked whether it should send its body at all, and waits for the answer. */
export function awaitsContinue(request: IncomingMessage): boolean {
  return request.headers.expect?.toLowerCase() === '100-continue' && hasUnreadBody(request)
}

/**
 * Takes in what an answered client still sends, for a second at most: a connection that is closed with bytes unread is
 * reset, and on some systems the reset overtakes the answer.
 *
 * @param onDone called once, when the connection may be closed
 */
export function takeInRest(request: IncomingMessage, onDone: () => void): void {
  const finish = (): void => {
    clearTimeout(timer)
    request.off('end', finish).off('close', finish)
    onDone()
  }
  const timer = setTimeout(finish, lingerMs)
  request.on('end', finish).on('close', finish).resume()
}
