import type { WaitProgress } from '../core/wait-progress.ts'

/** For people: `qwen3-8b is loading, about 12 s left`. One line, whatever the model is called. */
export function progressSentence({ model, phase, position, waitedMs, withinMs }: WaitProgress): string {
  const name = model.replaceAll(/\p{Cc}+/gu, ' ')
  const left = `about ${seconds(withinMs)} left`
  const place = position === 1 ? 'next in line' : `number ${position} in line`
  switch (phase) {
    // Counted to when it is overdue, since when it is worth a swap is not known: it is mostly sooner.
    case 'queued':
      return `${name} waits for memory: ${place}, at most ${left}`
    case 'making-room':
      return `room is made for ${name}: ${place}, ${left}`
    case 'loading':
      return position === 1 ? `${name} is loading, ${left}` : `${name} is loading: ${place}, ${left}`
    case 'busy':
      return `${name} is busy: ${place}, ${left}`
    case 'ready':
      return `${name} is ready after ${seconds(waitedMs)}`
  }
}

/** Resets transport timers, and is seen by people who look at the wire. Never begins with `: ping`, see `keepAlive`. */
export function progressComment(progress: WaitProgress): string {
  return `: llmr: ${progressSentence(progress)}\n\n`
}

function seconds(ms: number): string {
  return `${Math.max(1, Math.round(ms / 1000))} s`
}
