import type { BackendDescription, BackendSettings } from '../../core/backend.ts'
import { isGlob } from '../../core/glob.ts'
import type { ModelDescription } from '../../core/model.ts'
import { openAiChat, plainChat } from '../chat/chat-abilities.ts'
import type { BackendAdapter, BackendApi } from '../adapter.ts'
import type { CallReply } from '../call.ts'
import { listedModels } from '../listed-models.ts'
import { openaiOperations, pathsFor } from '../openai-paths.ts'

/** OpenAI itself and every server that speaks its dialect and is not known better: only the model list is relied on. */
export const openai: BackendAdapter = {
  kind: 'openai',
  path: pathsFor(openaiOperations),
  chat: ({ url }) => (isOpenAi(url) ? openAiChat : plainChat),
  describe: async (api, settings): Promise<BackendDescription> => ({
    kind: openai.kind,
    models: await readModels(api, settings),
  }),
  check: async (api) => {
    const reply = await api.ask('GET', '/v1/models')
    if (!hasNoList(reply)) api.expectJson(reply)
    return { isLoading: false }
  },
}

/** Some services have no model list; then the names that the operator gave stand for themselves. */
async function readModels(api: BackendApi, { models }: BackendSettings): Promise<readonly ModelDescription[]> {
  const reply = await api.ask('GET', '/v1/models')
  const hasNames = models?.some((name) => !isGlob(name)) ?? false
  if (hasNoList(reply) && hasNames) return []
  return listedModels(api.expectJson(reply))
}

/** OpenAI's reasoning models refuse a name that every other server knows. */
function isOpenAi(url: string): boolean {
  return /^https:\/\/[^/]*\b(openai\.com|openai\.azure\.com)(?=[:/]|$)/.test(url)
}

/** Such a server still proves that it is there. */
function hasNoList({ status }: CallReply): boolean {
  return status === 404 || status === 405
}
