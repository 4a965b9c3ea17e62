/** What a client wants a model to do, whatever dialect it said it in. */
export const operations = [
  'chat',
  'completion',
  /** As llama-server takes it at `/completion`. */
  'native-completion',
  /** As llama-server takes it: the gap between what stands before and what follows. */
  'infill',
  /** The same gap, said in another dialect and written for whatever engine it is. */
  'fim',
  'embedding',
  'rerank',
  'moderation',
  'transcription',
  'translation',
  'speech',
  'image-generation',
  'image-edit',
  'image-variation',
] as const

export type Operation = (typeof operations)[number]

/** Goes on with text as it stands, past any template; can be streamed, as a chat can. */
export function isTextCompletion(operation: Operation): boolean {
  return completions.has(operation)
}

const completions: ReadonlySet<Operation> = new Set(['completion', 'native-completion', 'infill', 'fim'])
