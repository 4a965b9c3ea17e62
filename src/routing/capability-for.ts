import type { Capabilities } from '../core/model.ts'
import type { Operation } from '../core/operation.ts'
import type { ModerationWay } from './catalogue-entry.ts'

const needed: Readonly<Record<Operation, keyof Capabilities>> = {
  chat: 'chat',
  completion: 'completion',
  'native-completion': 'completion',
  infill: 'fim',
  fim: 'fim',
  embedding: 'embedding',
  rerank: 'rerank',
  moderation: 'moderation',
  transcription: 'transcription',
  translation: 'transcription',
  speech: 'speech',
  'image-generation': 'image',
  'image-edit': 'image',
  'image-variation': 'image',
}

/** What a model must be able to do for an operation. A guard model that answers in chat moderates by chatting. */
export function capabilityFor(operation: Operation, moderatesBy: ModerationWay): keyof Capabilities {
  return operation === 'moderation' && moderatesBy === 'chat' ? 'chat' : needed[operation]
}

/** Only an explicit no: of most models nobody has said what they can do, and they can. */
export function refuses(
  capabilities: Capabilities | undefined,
  operation: Operation,
  moderatesBy: ModerationWay,
): boolean {
  return capabilities?.[capabilityFor(operation, moderatesBy)] === false
}
