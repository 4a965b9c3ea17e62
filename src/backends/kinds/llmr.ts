import type { BackendDescription } from '../../core/backend.ts'
import { gatewayChat } from '../chat/chat-abilities.ts'
import type { BackendAdapter, BackendApi } from '../adapter.ts'
import { textAt } from '../../core/foreign-json.ts'
import { listedModels } from '../listed-models.ts'
import { openaiPaths } from '../openai-paths.ts'

/** Another llmr, with engines of its own behind it. */
export const llmr: BackendAdapter = {
  kind: 'llmr',
  path: (operation) => openaiPaths[operation === 'fim' ? 'infill' : operation],
  chat: () => gatewayChat,
  describe,
  check: async (api) => {
    await api.get('/healthz')
    return { isLoading: false }
  },
}

async function describe(api: BackendApi): Promise<BackendDescription> {
  const [health, list] = await Promise.all([api.get('/healthz'), api.get('/v1/models')])
  const version = textAt(health, 'version')
  return { kind: llmr.kind, models: listedModels(list), ...(version !== undefined && { version }) }
}
