import type { ChatOutline } from '../../src/core/chat/chat-outline.ts'
import type { ModelDescription } from '../../src/core/model.ts'
import type { BackendInventory, CatalogueEntry } from '../../src/routing/catalogue-entry.ts'
import { type Catalogue, createCatalogue } from '../../src/routing/catalogue.ts'
import { type Classification, classifyRequest } from '../../src/routing/classify-request.ts'
import type { RouteInput, RouteRequest } from '../../src/routing/route-input.ts'
import { createHeuristics } from '../../src/routing/heuristics.ts'

/** A chat of one short message, but for what a test says is different. */
export function outlineOf(parts: Partial<ChatOutline> = {}): ChatOutline {
  const lastUserText = parts.lastUserText ?? 'How do I boil an egg?'
  return {
    roles: ['user'],
    systemText: '',
    toolNames: [],
    hasToolResults: false,
    hasImages: false,
    isStream: true,
    textLength: lastUserText.length,
    ...parts,
    lastUserText,
  }
}

export function modelOf(id: string, parts: Partial<ModelDescription> = {}): ModelDescription {
  return { id, capabilities: {}, ...parts }
}

export function backendOf(
  name: string,
  models: readonly (string | ModelDescription)[] = [],
  parts: Partial<BackendInventory> = {},
): BackendInventory {
  const described = models.map((model) => (typeof model === 'string' ? modelOf(model) : model))
  return { name, trust: 'local', models: described, ...parts }
}

export function catalogueOf(
  backends: readonly BackendInventory[],
  entries: Readonly<Record<string, Omit<CatalogueEntry, 'name'>>> = {},
): Catalogue {
  return createCatalogue({ backends, entries: Object.entries(entries).map(([name, entry]) => ({ name, ...entry })) })
}

export function requestOf(parts: Partial<RouteRequest> = {}): RouteRequest {
  const operation = parts.operation ?? 'chat'
  const outline = parts.outline ?? (operation === 'chat' ? outlineOf() : undefined)
  const classification: Classification = parts.classification ?? classifyRequest({ operation, outline })
  return { operation, outline, classification, ...parts }
}

export function inputOf(
  catalogue: Catalogue,
  request: Partial<RouteRequest> = {},
  parts: Partial<Omit<RouteInput, 'request' | 'catalogue'>> = {},
): RouteInput {
  return {
    catalogue,
    request: requestOf(request),
    routing: { heuristics: createHeuristics({ threshold: 1 }) },
    ...parts,
  }
}

/** `backend/model` of each, which is what most tests are about. */
export function places(candidates: readonly { readonly backend: string; readonly model: string }[]): string[] {
  return candidates.map(({ backend, model }) => `${backend}/${model}`)
}
