import type { BackendSettings } from '../core/backend.ts'
import { isGlob } from '../core/glob.ts'
import type { BackendApi } from './adapter.ts'
import type { CallReply } from './call.ts'
import { malformedReply } from './failure.ts'
import { at, textAt } from '../core/foreign-json.ts'

/**
 * Which kind of engine answers. The first two questions tell most apart; only what they leave open is asked for the
 * endpoints that one engine alone has, and nobody's cloud is asked for those.
 *
 * @throws BackendFailure when nothing answers, the credentials are refused, or it is no inference server.
 */
export async function detectKind(api: BackendApi, settings: BackendSettings): Promise<string> {
  const [health, list] = await Promise.all([api.ask('GET', '/healthz'), api.ask('GET', '/v1/models')])
  if (textAt(health.json, 'service') === 'llmr') return 'llmr'
  if (list.status === 401 || list.status === 403) api.expectJson(list)
  const kind = kindByList(list) ?? (settings.trust === 'cloud' ? undefined : await kindByOwnEndpoints(api))
  if (kind !== undefined) return kind
  if (list.status === 404 || list.status === 405) return withoutList(list, settings)
  api.expectJson(list)
  if (!isModelList(list)) throw noInferenceServer(list)
  return 'openai'
}

/** The list's owner, or what the server calls itself: llama.cpp does so even while it loads. */
function kindByList({ headers, json }: CallReply): string | undefined {
  if (headers['server'] === 'llama.cpp') return 'llama.cpp'
  const owner = textAt(json, 'data', 0, 'owned_by')
  if (owner === 'llamacpp') return 'llama.cpp'
  return owner === 'vllm' ? 'vllm' : undefined
}

/** An empty list names no owner, so engines that may have nothing loaded are known by their own endpoints. */
async function kindByOwnEndpoints(api: BackendApi): Promise<string | undefined> {
  const [tags, current, earlier] = await Promise.all(
    ['/api/tags', '/api/v1/models', '/api/v0/models'].map((path) => api.ask('GET', path)),
  )
  if (Array.isArray(at(current?.json, 'models')) || textAt(earlier?.json, 'data', 0, 'state') !== undefined) {
    return 'lmstudio'
  }
  return Array.isArray(at(tags?.json, 'models')) ? 'ollama' : undefined
}

/** Some services have no model list. They are believed when the operator names the models to use. */
function withoutList(list: CallReply, { models }: BackendSettings): string {
  if (models?.some((name) => !isGlob(name)) === true) return 'openai'
  throw noInferenceServer(list)
}

function isModelList({ json }: CallReply): boolean {
  return Array.isArray(json) || Array.isArray(at(json, 'data'))
}

function noInferenceServer({ url, status, text }: CallReply): Error {
  return malformedReply(
    url,
    `${url} answered ${status} and is no model list: this is another program, or its url has a path too many or too few. ` +
      'If it is an inference server without a model list, set its kind to openai and name its models.',
    text.slice(0, 200),
  )
}
