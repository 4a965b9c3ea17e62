import { type Capabilities, capabilityNames, type ModelDescription } from '../core/model.ts'
import { capabilitiesFromName } from './capabilities-from-name.ts'
import { countAt, listAt, textAt } from '../core/foreign-json.ts'

/** The models of a list in OpenAI's shape, with what some servers add to it. */
export function listedModels(list: unknown): readonly ModelDescription[] {
  // Most wrap the list; Together AI answers with the bare one.
  const entries = Array.isArray(list) ? list : listAt(list, 'data')
  return entries.flatMap((entry: unknown) => {
    const id = textAt(entry, 'id')
    return id === undefined
      ? []
      : [{ id, ...loadState(entry), ...context(entry), capabilities: capabilitiesOf(entry, id) }]
  })
}

/** llmr and llama.cpp's router say which models are in memory. */
function loadState(entry: unknown): { isLoaded?: boolean } {
  const state = textAt(entry, 'status', 'value')
  return state === undefined ? {} : { isLoaded: state === 'loaded' }
}

/** In the spellings of llmr and OpenRouter, vLLM and SGLang, Groq, Mistral, and llama.cpp. */
function context(entry: unknown): { contextLength?: number } {
  const contextLength =
    countAt(entry, 'context_length') ??
    countAt(entry, 'max_model_len') ??
    countAt(entry, 'context_window') ??
    countAt(entry, 'max_context_length') ??
    countAt(entry, 'meta', 'n_ctx')
  return contextLength === undefined ? {} : { contextLength }
}

function capabilitiesOf(entry: unknown, id: string): Capabilities {
  const named = new Set(listAt(entry, 'llmr', 'capabilities'))
  if (named.size > 0) return claimed(named)
  const inputs = listAt(entry, 'architecture', 'input_modalities')
  const parameters = listAt(entry, 'supported_parameters')
  return {
    ...capabilitiesFromName(id),
    ...(inputs.length > 0 && { vision: inputs.includes('image') }),
    ...(parameters.length > 0 && { tools: parameters.includes('tools') }),
  }
}

/** Another llmr lists what it knows to be there; what it leaves out is not known rather than absent. */
function claimed(listed: ReadonlySet<unknown>): Capabilities {
  return Object.fromEntries(capabilityNames.filter((name) => listed.has(name)).map((name) => [name, true]))
}
