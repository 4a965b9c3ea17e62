import type { ToolLane } from '../../core/tool-lane.ts'

/** A model as the list shows it. Context is what the running instance was given, in every spelling that clients read. */
export interface ListedModel {
  readonly id: string
  readonly contextLength?: number
  readonly isLoaded?: boolean
  readonly backends: readonly string[]
  readonly capabilities: readonly string[]
  readonly aliases: readonly string[]
  readonly isVirtual: boolean
  readonly metadata?: Readonly<Record<string, unknown>>
  /** How tools reach it, where it takes any. */
  readonly tools?: { readonly lane: ToolLane; readonly reason: string; readonly atMs?: number }
}

export function writeModelList(models: readonly ListedModel[], startedAtS: number): object {
  return { object: 'list', data: models.map((model) => writeModel(model, startedAtS)) }
}

export function writeModel(model: ListedModel, startedAtS: number): object {
  const { contextLength } = model
  return {
    id: model.id,
    object: 'model',
    created: startedAtS,
    owned_by: 'llmr',
    ...(contextLength !== undefined && {
      context_length: contextLength,
      max_model_len: contextLength,
      meta: { n_ctx: contextLength },
    }),
    // Open WebUI shows this as loaded or not; absent means loaded.
    ...(model.isLoaded !== undefined && { status: { value: model.isLoaded ? 'loaded' : 'unloaded' } }),
    llmr: {
      backends: model.backends,
      capabilities: model.capabilities,
      ...(model.aliases.length > 0 && { aliases: model.aliases }),
      ...(model.isVirtual && { virtual: true }),
      ...(model.tools !== undefined && { tools: writeTools(model.tools) }),
      ...(Object.keys(model.metadata ?? {}).length > 0 && { metadata: model.metadata }),
    },
  }
}

function writeTools({ lane, reason, atMs }: NonNullable<ListedModel['tools']>): object {
  return { lane, reason, ...(atMs !== undefined && { since: new Date(atMs).toISOString() }) }
}
