import type { WaitProgress } from '../../core/wait-progress.ts'
import type { ProgressStyle, StreamFacts } from '../dialect.ts'
import { progressFields } from '../progress-fields.ts'
import { progressComment, progressSentence } from '../progress-sentence.ts'

/**
 * In chat streams. `reasoning` is shown where the client shows what a model thinks, and never becomes part of the reply.
 * `status` is an event of its own name, for clients that know it; its data is a chunk with an empty delta, since most
 * clients take every event for a chunk.
 */
export function chatProgress(progress: WaitProgress, style: ProgressStyle, facts: StreamFacts): string {
  switch (style) {
    case 'comment':
      return progressComment(progress)
    case 'reasoning':
      return event(chatChunk(facts, { reasoning_content: `${progressSentence(progress)}\n` }))
    case 'status':
      return `event: llmr.progress\n${event({ ...chatChunk(facts, { content: '' }), llmr_progress: progressFields(progress) })}`
  }
}

export function chatChunk({ requestId, model, createdAtS }: StreamFacts, delta: object): object {
  return {
    id: `chatcmpl-${requestId}`,
    object: 'chat.completion.chunk',
    created: createdAtS,
    model,
    choices: [{ index: 0, delta, logprobs: null, finish_reason: null }],
  }
}

export function event(value: object): string {
  return `data: ${JSON.stringify(value)}\n\n`
}
