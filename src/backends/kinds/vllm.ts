import type { BackendDescription } from '../../core/backend.ts'
import { vllmChat } from '../chat/chat-abilities.ts'
import type { BackendAdapter, BackendApi } from '../adapter.ts'
import { numberAt, textAt } from '../../core/foreign-json.ts'
import { listedModels } from '../listed-models.ts'
import { pathsFor } from '../openai-paths.ts'

/**
 * `vllm serve`. It loads before it listens, so what it lists is loaded; `max_model_len` is what it was given. Its list
 * says nothing of what a model is for, so that is told by the name. `/health` is empty and fails when the engine's
 * process died behind the server.
 */
export const vllm: BackendAdapter = {
  kind: 'vllm',
  usualPort: 8000,
  path: pathsFor(['chat', 'completion', 'embedding', 'rerank', 'transcription', 'translation']),
  chat: () => vllmChat,
  describe,
  check: async (api) => {
    const reply = await api.ask('GET', '/health')
    if (reply.status >= 300) api.expectJson(reply)
    return { isLoading: false }
  },
  countTokens: async (api, { model, body: { messages, tools, chat_template_kwargs } }) =>
    numberAt(await api.post('/tokenize', { model, messages, tools, chat_template_kwargs }), 'count'),
}

async function describe(api: BackendApi): Promise<BackendDescription> {
  const [list, versionReply] = await Promise.all([api.get('/v1/models'), api.ask('GET', '/version')])
  const version = textAt(versionReply.json, 'version')
  const models = listedModels(list).map((model) => ({ ...model, isLoaded: true }))
  return { kind: vllm.kind, models, ...(version !== undefined && { version }) }
}
