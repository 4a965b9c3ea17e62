import type { Exchange } from '../../../http/exchange.ts'
import type { OpenStreams } from '../open-streams.ts'
import { logLines, type LogSource } from './log-sources.ts'

/**
 * The lines kept, unless `?no-history` is asked for, and then each new one, until the client leaves or the gateway closes.
 * A client that takes nothing misses lines and is told how many: neither the engine nor the memory waits for it.
 *
 * @throws LlmrError when there are too many streams
 */
export function streamLog(exchange: Exchange, sources: readonly LogSource[], open: OpenStreams): void {
  const unfollow: (() => void)[] = []
  open.add(exchange, () => {
    for (const stop of unfollow) stop()
  })
  let hasRoom = true
  let missed = 0
  const write = (text: string): void => {
    hasRoom = exchange.write(text)
  }
  exchange.record.isStream = true
  exchange.begin(200, [
    'content-type',
    'text/plain; charset=utf-8',
    'x-accel-buffering',
    'no',
    'cache-control',
    'no-cache',
  ])
  exchange.response.flushHeaders()
  exchange.onDrain(() => {
    hasRoom = true
    if (missed === 0) return
    const note = `[${missed} lines left out: they came faster than they were read]\n`
    missed = 0
    write(note)
  })
  if (!new URLSearchParams(exchange.query).has('no-history')) write(logLines(sources).join(''))
  for (const source of sources) {
    unfollow.push(
      source.follow(({ text }) => {
        if (hasRoom) write(`${text}\n`)
        else missed++
      }),
    )
  }
}
