import type { LlmrError } from '../../core/error.ts'
import type { Dialect } from '../dialect.ts'
import { openaiErrorFields } from '../openai-error.ts'
import { progressComment } from '../progress-sentence.ts'
import { chatChunk, chatProgress, event } from './write-progress.ts'

/** OpenAI chat and its sibling endpoints: completions, embeddings, models, moderations, rerank, audio, images. */
export const openaiDialect: Dialect = {
  name: 'openai',
  writeError: (error) => JSON.stringify(errorBody(error)),
  writeStreamError: writeErrorEvent,
  keepAlive: {
    // Never `: ping`: one widely used reader takes a line that starts so for the end of the stream.
    comment: ': keep-alive\n\n',
  },
  writeProgress: progressComment,
}

/** The same, for streams of chat chunks, where an empty delta is a legal event. */
export const openaiChatDialect: Dialect = {
  ...openaiDialect,
  keepAlive: {
    ...openaiDialect.keepAlive,
    writeEmptyDelta: (facts) => event(chatChunk(facts, { content: '' })),
  },
  writeProgress: chatProgress,
}

/** No finish_reason and no [DONE]: a stream that broke must not look like one that ended. */
export function writeErrorEvent(error: LlmrError): string {
  return event(errorBody(error))
}

function errorBody(error: LlmrError): object {
  return { error: openaiErrorFields(error) }
}
