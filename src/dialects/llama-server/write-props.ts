import type { ShownModel } from '../../core/shown-model.ts'
import { withoutUndefined } from '../../core/without-undefined.ts'

/** `/props`, as far as it can be said without asking the engine. Nothing of the engine's files or prompts is in it. */
export function writeProps(model: ShownModel, version: string): object {
  const { id, contextLength, slots, capabilities, isLoaded } = model
  return {
    default_generation_settings: withoutUndefined({ n_ctx: contextLength, params: {} }),
    total_slots: slots,
    model_alias: id,
    model_path: id,
    modalities: { vision: capabilities.vision ?? false, audio: false },
    endpoint_slots: true,
    endpoint_props: false,
    endpoint_metrics: false,
    chat_template_caps: withoutUndefined({
      supports_system_role: capabilities.chat,
      supports_tools: capabilities.tools,
      supports_tool_calls: capabilities.tools,
    }),
    build_info: `llmr-${version}`,
    is_sleeping: !isLoaded,
  }
}

/** `/slots`: how many are taken, never by what. */
export function writeSlots({ slots, running, contextLength }: ShownModel): readonly object[] {
  return Array.from({ length: slots }, (_, id) =>
    withoutUndefined({ id, n_ctx: contextLength, is_processing: id < running }),
  )
}
