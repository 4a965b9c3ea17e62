/** What a client wants a model to do, whatever dialect it said it in. */
export const operations = [
  'chat',
  'completion',
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
