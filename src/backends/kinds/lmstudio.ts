import type { BackendDescription } from '../../core/backend.ts'
import type { Capabilities, ModelDescription } from '../../core/model.ts'
import { desktopChat } from '../chat/chat-abilities.ts'
import type { BackendAdapter, BackendApi } from '../adapter.ts'
import { at, countAt, flagAt, listAt, textAt } from '../../core/foreign-json.ts'
import { listedModels } from '../listed-models.ts'
import { pathsFor } from '../openai-paths.ts'

/**
 * LM Studio. Its own list (`/api/v1/models` from 0.4, `/api/v0/models` before) tells loaded models from those on disk.
 * `max_context_length` is what a model was trained for, which a loaded one rarely has, so it is not taken. An endpoint
 * that it does not know is answered with status 200 and `{"error":"Unexpected endpoint or method…"}`.
 */
export const lmStudio: BackendAdapter = {
  kind: 'lmstudio',
  usualPort: 1234,
  path: pathsFor(['chat', 'completion', 'embedding']),
  chat: () => desktopChat,
  describe: async (api): Promise<BackendDescription> => ({ kind: lmStudio.kind, models: await readModels(api) }),
  check: async (api) => {
    await api.get('/v1/models')
    return { isLoading: false }
  },
}

async function readModels(api: BackendApi): Promise<readonly ModelDescription[]> {
  const current = await api.ask('GET', '/api/v1/models')
  if (Array.isArray(at(current.json, 'models'))) return listAt(current.json, 'models').flatMap(fromCurrentList)
  const earlier = listAt((await api.ask('GET', '/api/v0/models')).json, 'data')
  if (earlier.length > 0) return earlier.flatMap(fromEarlierList)
  if (current.status === 401 || current.status === 403) api.expectJson(current)
  return listedModels(await api.get('/v1/models'))
}

/** One entry for each loaded instance, under the name by which it is called; else one for the model on disk. */
function fromCurrentList(model: unknown): ModelDescription[] {
  const key = textAt(model, 'key')
  if (key === undefined) return []
  const capabilities = currentCapabilities(model)
  const instances = listAt(model, 'loaded_instances')
  if (instances.length === 0) return [{ id: key, isLoaded: false, capabilities }]
  return instances.map((instance) => {
    const contextLength = countAt(instance, 'config', 'context_length')
    const slots = countAt(instance, 'config', 'parallel')
    return {
      id: textAt(instance, 'id') ?? key,
      isLoaded: true,
      capabilities,
      ...(contextLength !== undefined && { contextLength }),
      ...(slots !== undefined && { slots }),
    }
  })
}

function currentCapabilities(model: unknown): Capabilities {
  if (textAt(model, 'type') === 'embedding') return { chat: false, completion: false, embedding: true }
  const vision = flagAt(model, 'capabilities', 'vision')
  const tools = flagAt(model, 'capabilities', 'trained_for_tool_use')
  return {
    chat: true,
    embedding: false,
    ...(vision !== undefined && { vision }),
    ...(tools !== undefined && { tools }),
  }
}

function fromEarlierList(model: unknown): ModelDescription[] {
  const id = textAt(model, 'id')
  if (id === undefined) return []
  const contextLength = countAt(model, 'loaded_context_length')
  return [
    {
      id,
      isLoaded: textAt(model, 'state') === 'loaded',
      capabilities: earlierCapabilities(model),
      ...(contextLength !== undefined && { contextLength }),
    },
  ]
}

function earlierCapabilities(model: unknown): Capabilities {
  const type = textAt(model, 'type')
  if (type === 'embeddings') return { chat: false, completion: false, embedding: true }
  const listed = listAt(model, 'capabilities')
  return {
    chat: true,
    embedding: false,
    vision: type === 'vlm',
    ...(listed.length > 0 && { tools: listed.includes('tool_use') }),
  }
}
