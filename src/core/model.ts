import type { ToolIdForm } from './tool-id-form.ts'

export const capabilityNames = [
  'chat',
  'completion',
  'embedding',
  'rerank',
  'moderation',
  'tools',
  'vision',
  'fim',
  'transcription',
  'speech',
  'image',
] as const

/** What a model can do. `undefined` means nobody has said so: not the same as no. */
export type Capabilities = { readonly [Name in (typeof capabilityNames)[number]]?: boolean }

/** One model as one backend describes it. */
export interface ModelDescription {
  /** The engine's own name for it: what `model` must be in a request to that backend. */
  readonly id: string
  /** Tokens one request may use in all, as the running instance was configured, not what the model was trained for. */
  readonly contextLength?: number
  /** Requests the engine serves at once for this model. */
  readonly slots?: number
  /** False: the backend would have to load it first. `undefined`: the backend does not say. */
  readonly isLoaded?: boolean
  readonly capabilities: Capabilities
  readonly embeddingDimensions?: number
  /** Changes when the model behind the name does, where the engine tells. */
  readonly revision?: string
  /** As its chat template says, where the engine shows it. */
  readonly toolIds?: ToolIdForm
}
