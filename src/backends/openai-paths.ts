import { type Operation, operations } from '../core/operation.ts'

/** Where OpenAI's API, and everybody who follows it, takes each operation; the last two are llama-server's alone. */
export const openaiPaths: Readonly<Record<Operation, string>> = {
  chat: '/v1/chat/completions',
  completion: '/v1/completions',
  fim: '/v1/completions',
  embedding: '/v1/embeddings',
  rerank: '/v1/rerank',
  moderation: '/v1/moderations',
  transcription: '/v1/audio/transcriptions',
  translation: '/v1/audio/translations',
  speech: '/v1/audio/speech',
  'image-generation': '/v1/images/generations',
  'image-edit': '/v1/images/edits',
  'image-variation': '/v1/images/variations',
  'native-completion': '/completion',
  infill: '/infill',
}

/** What every server in OpenAI's dialect may be asked for. */
export const openaiOperations: readonly Operation[] = operations.filter(
  (operation) => operation !== 'native-completion' && operation !== 'infill',
)

/** The path of each operation that an engine can do at all. */
export function pathsFor(operations: readonly Operation[]): (operation: Operation) => string | undefined {
  const supported = new Set(operations)
  return (operation) => (supported.has(operation) ? openaiPaths[operation] : undefined)
}
