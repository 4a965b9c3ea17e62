import type { WaitProgress } from '../core/wait-progress.ts'
import { progressSentence } from './progress-sentence.ts'

/** For programs: what `llmr_progress` is in every dialect that has room for it. */
export function progressFields(progress: WaitProgress): object {
  const { model, phase, position, waitedMs, withinMs } = progress
  return {
    version: 1,
    model,
    phase,
    position,
    waited_ms: Math.round(waitedMs),
    within_ms: Math.round(withinMs),
    message: progressSentence(progress),
  }
}
