import { isEmbedder, type ShownModel } from '../../core/shown-model.ts'
import { withoutUndefined } from '../../core/without-undefined.ts'

/**
 * `/api/v1/models`. Each model counts as loaded, with the context that a request to it gets: clients read the context
 * nowhere else, and would load what is not loaded, which llmr does itself when it is asked for.
 */
export function writeModels(models: readonly ShownModel[]): object {
  return { models: models.map(writeModel) }
}

/** `/api/v0/models`, which says what is in memory. */
export function writeEarlierModels(models: readonly ShownModel[]): object {
  return { object: 'list', data: models.map(writeEarlierModel) }
}

export function writeEarlierModel(model: ShownModel): object {
  const { id, contextLength, isLoaded } = model
  return withoutUndefined({
    id,
    object: 'model',
    type: isEmbedder(model) ? 'embeddings' : model.capabilities.vision === true ? 'vlm' : 'llm',
    publisher: 'llmr',
    arch: 'llmr',
    compatibility_type: 'gguf',
    quantization: '',
    state: isLoaded ? 'loaded' : 'not-loaded',
    max_context_length: contextLength,
    loaded_context_length: isLoaded ? contextLength : undefined,
    capabilities: model.capabilities.tools === true ? ['tool_use'] : [],
  })
}

function writeModel(model: ShownModel): object {
  const { id, contextLength, slots, capabilities } = model
  return withoutUndefined({
    type: isEmbedder(model) ? 'embedding' : 'llm',
    publisher: 'llmr',
    key: id,
    display_name: id,
    architecture: null,
    quantization: null,
    size_bytes: 0,
    params_string: null,
    loaded_instances: [
      { id, config: withoutUndefined({ context_length: contextLength, parallel: slots, flash_attention: false }) },
    ],
    max_context_length: contextLength,
    format: null,
    capabilities: isEmbedder(model)
      ? undefined
      : { vision: capabilities.vision ?? false, trained_for_tool_use: capabilities.tools ?? false },
    description: null,
  })
}
