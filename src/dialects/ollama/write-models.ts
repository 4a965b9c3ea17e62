import { hash } from 'node:crypto'

import { isEmbedder, type ShownModel } from '../../core/shown-model.ts'

/** Of Ollama itself, whose API is spoken here: clients compare it with what they need, number by number. */
export const apiVersion = '0.12.6'

/** What Ollama gives a model when nobody says; some clients fail as a whole on a model without a context. */
const unknownContextLength = 4096

/** `/api/tags` */
export function writeTags(models: readonly ShownModel[], startedAtMs: number): object {
  return { models: models.map((model) => ({ ...entry(model), modified_at: new Date(startedAtMs).toISOString() })) }
}

/** `/api/ps`: what is in memory. */
export function writeRunning(models: readonly ShownModel[], nowMs: number): object {
  const running = models.filter(({ isLoaded }) => isLoaded)
  return {
    models: running.map((model) => ({
      ...entry(model),
      expires_at: new Date(nowMs + (model.ttlMs ?? forGoodMs)).toISOString().replace('Z', '+00:00'),
      size_vram: 0,
      context_length: contextOf(model),
    })),
  }
}

/** `/api/show`: the context is the one that a request gets, in every place where clients look for it. */
export function writeShow(model: ShownModel, startedAtMs: number): object {
  const contextLength = contextOf(model)
  const parameters = `num_ctx                        ${contextLength}`
  const template = model.capabilities.fim === true ? '{{ .Prompt }}{{ .Suffix }}' : '{{ .Prompt }}'
  return {
    license: '',
    modelfile: `FROM ${model.id}\nPARAMETER num_ctx ${contextLength}\n`,
    parameters,
    template,
    details,
    model_info: { 'general.architecture': architecture, [`${architecture}.context_length`]: contextLength },
    capabilities: writeCapabilities(model),
    modified_at: new Date(startedAtMs).toISOString(),
  }
}

/** A century, for "as long as nobody needs its memory": clients want a date. */
const forGoodMs = 100 * 365 * 24 * 3_600_000

const architecture = 'llmr'

const details = {
  parent_model: '',
  format: 'gguf',
  family: architecture,
  families: [architecture],
  parameter_size: '',
  quantization_level: '',
}

/** Sizes are 0: how large a file is says nothing to whoever cannot delete it. */
function entry({ id }: ShownModel): object {
  return { name: id, model: id, size: 0, digest: hash('sha256', id), details }
}

function contextOf({ contextLength = unknownContextLength }: ShownModel): number {
  return contextLength
}

/** Only what somebody has said, but for what a model is there for: whatever is no embedder completes. */
function writeCapabilities(model: ShownModel): readonly string[] {
  const { embedding, tools, vision, fim } = model.capabilities
  return [
    ...(isEmbedder(model) ? [] : ['completion']),
    ...(tools === true ? ['tools'] : []),
    ...(vision === true ? ['vision'] : []),
    ...(fim === true ? ['insert'] : []),
    ...(embedding === true ? ['embedding'] : []),
  ]
}
