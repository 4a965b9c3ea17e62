import { chatTemplate, plainTemplate } from '../chat-template.ts'
import { buildInfo } from '../engine.ts'
import type { Exchange } from '../exchange.ts'
import type { JsonObject } from '../json-fields.ts'
import { vocabularySize } from '../tokenizer.ts'

/** `GET /health` */
export async function health({ reply }: Exchange): Promise<void> {
  reply.sendJson(200, { status: 'ok' })
}

/** `GET /props` */
export async function props({ engine, reply }: Exchange): Promise<void> {
  const { settings } = engine
  reply.sendJson(200, {
    default_generation_settings: {
      params: { seed: settings.seed, temperature: 0, max_tokens: -1, n_predict: -1, stream: false, lora: [] },
      n_ctx: settings.contextLength,
    },
    total_slots: settings.slots,
    model_alias: settings.model,
    model_ftype: 'simulated',
    model_path: settings.modelPath,
    modalities: { vision: settings.vision, video: false, audio: false },
    endpoint_slots: true,
    endpoint_props: false,
    endpoint_metrics: true,
    chat_template: settings.toolTemplate ? chatTemplate : plainTemplate,
    chat_template_caps: settings.toolTemplate
      ? templateCapabilities
      : { ...templateCapabilities, supports_tools: false, supports_tool_calls: false },
    bos_token: '',
    eos_token: '<|im_end|>',
    build_info: buildInfo,
    is_sleeping: false,
  })
}

/** What the template can render, as the engine finds out by rendering it. */
const templateCapabilities = {
  supports_object_arguments: true,
  supports_parallel_tool_calls: true,
  supports_preserve_reasoning: false,
  supports_reasoning_effort: false,
  supports_string_content: true,
  supports_system_role: true,
  supports_tool_calls: true,
  supports_tools: true,
  supports_typed_content: false,
} as const

/** `GET /v1/models` */
export async function models({ engine, reply }: Exchange): Promise<void> {
  const { model, embeddingDimensions, contextLength } = engine.settings
  const data: JsonObject = {
    id: model,
    aliases: [model],
    tags: [],
    object: 'model',
    architecture: { input_modalities: ['text'], output_modalities: ['text'] },
    created: engine.createdSeconds(),
    owned_by: 'llamacpp',
    meta: {
      vocab_type: 1,
      n_vocab: vocabularySize,
      n_ctx: contextLength,
      n_ctx_train: contextLength,
      n_embd: embeddingDimensions,
      n_params: 0,
      size: 0,
      ftype: 'simulated',
    },
  }
  reply.sendJson(200, { models: [ollamaEntry(model)], object: 'list', data: [data] })
}

/** The engine lists its model a second time in Ollama's form, all but empty. */
function ollamaEntry(model: string): JsonObject {
  return {
    name: model,
    model,
    modified_at: '',
    size: '',
    digest: '',
    type: 'model',
    description: '',
    tags: [''],
    capabilities: ['completion'],
    parameters: '',
    details: {
      parent_model: '',
      format: 'gguf',
      family: '',
      families: [''],
      parameter_size: '',
      quantization_level: '',
    },
  }
}
