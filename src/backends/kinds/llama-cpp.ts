import { hash } from 'node:crypto'

import type { BackendDescription } from '../../core/backend.ts'
import type { Capabilities, ModelDescription } from '../../core/model.ts'
import { llamaCppChat } from '../chat/chat-abilities.ts'
import { toolIdFormOfTemplate } from '../chat/tool-id-form-of.ts'
import type { BackendAdapter, BackendApi } from '../adapter.ts'
import type { CallReply } from '../call.ts'
import { at, countAt, flagAt, listAt, textAt } from '../../core/foreign-json.ts'
import { pathsFor } from '../openai-paths.ts'
import { llamaCppPrompts } from '../tools/llama-cpp-prompts.ts'
import { llamaCppToolFacts } from '../tools/llama-cpp-tool-facts.ts'

/**
 * llama.cpp's llama-server, alone or as a router in front of several models. Facts were taken from build 11669:
 * `/props` and `/v1/models` neither load nor wake a model, every POST and `/slots` do; the router takes
 * `autoload=false`; `n_ctx` is what one slot has, not what the slots share.
 */
const ownPath = pathsFor(['chat', 'completion', 'native-completion', 'infill', 'embedding', 'rerank', 'transcription'])

export const llamaCpp: BackendAdapter = {
  kind: 'llama.cpp',
  usualPort: 8080,
  path: (operation) => ownPath(operation === 'fim' ? 'infill' : operation),
  chat: () => llamaCppChat,
  describe,
  check: async (api) => {
    const health = await api.ask('GET', '/health')
    if (isLoading(health)) return { isLoading: true }
    api.expectJson(health)
    return { isLoading: false }
  },
  countTokens: async (api, { model, body }) => {
    const content = await renderPrompt(api, { model, body })
    if (content === undefined) return undefined
    // As the chat endpoint does: a template that writes the first token itself does not get it twice.
    const options = { add_special: true, parse_special: true }
    const counted = await api.post('/tokenize?autoload=false', { ...options, model, content })
    return listAt(counted, 'tokens').length
  },
  renderPrompt,
  readTools: llamaCppToolFacts,
  prompted: llamaCppPrompts,
}

async function renderPrompt(
  api: BackendApi,
  { model, body }: { readonly model: string; readonly body: Readonly<Record<string, unknown>> },
): Promise<string | undefined> {
  return textAt(await api.post('/apply-template?autoload=false', { ...body, model }), 'prompt')
}

async function describe(api: BackendApi): Promise<BackendDescription> {
  const health = await api.ask('GET', '/health')
  if (isLoading(health)) return { kind: llamaCpp.kind, models: [], isLoading: true }
  const [props, list] = await Promise.all([api.get('/props'), api.get('/v1/models')])
  const version = textAt(props, 'build_info')
  const isRouter = textAt(props, 'role') === 'router'
  const models = isRouter ? await routedModels(api, list) : await servedModels(api, { props, list })
  const slots = isRouter ? undefined : countAt(props, 'total_slots')
  return {
    kind: llamaCpp.kind,
    models,
    ...(version !== undefined && { version }),
    ...(slots !== undefined && { slots }),
  }
}

/** While it loads, everything is answered with 503 `Loading model`; before that the connection is refused. */
function isLoading({ status, json }: CallReply): boolean {
  return status === 503 && /loading model/i.test(textAt(json, 'error', 'message') ?? '')
}

async function servedModels(api: BackendApi, { props, list }: { props: unknown; list: unknown }) {
  const isAsleep = flagAt(props, 'is_sleeping') ?? false
  const pooling = isAsleep ? {} : await endpointCapabilities(api)
  return listAt(list, 'data').flatMap((entry) =>
    modelFrom(entry, { props, isLoaded: !isAsleep, capabilities: { ...templateCapabilities(props), ...pooling } }),
  )
}

/**
 * Whether embeddings and reranking were switched on. Both endpoints say so before they read the request, which is
 * empty on purpose: nothing is computed.
 */
async function endpointCapabilities(api: BackendApi): Promise<Capabilities> {
  const [embedding, rerank] = await Promise.all([isSwitchedOn(api, '/v1/embeddings'), isSwitchedOn(api, '/v1/rerank')])
  return purpose({ embedding, rerank })
}

/** 501 names the missing flag, 400 the missing field. */
async function isSwitchedOn(api: BackendApi, path: string): Promise<boolean | undefined> {
  const { status } = await api.ask('POST', path, {})
  return status === 501 ? false : status === 400 ? true : undefined
}

interface Switches {
  readonly embedding: boolean | undefined
  readonly rerank: boolean | undefined
}

/**
 * What the server was started for. A reranker takes embedding requests as well, but answers with zeros; an engine that
 * embeds takes chats as well, and some operators use both, so nothing is claimed of those.
 */
function purpose({ embedding, rerank }: Switches): Capabilities {
  if (rerank === true) return { chat: false, completion: false, embedding: false, rerank: true }
  if (embedding === true) return { embedding: true, ...(rerank === false && { rerank }) }
  return embedding === false && rerank === false ? { chat: true, completion: true, embedding, rerank } : {}
}

/** What the chat template and the projector allow. */
function templateCapabilities(props: unknown): Capabilities {
  const tools =
    flagAt(props, 'chat_template_caps', 'supports_tools') ?? textAt(props, 'chat_template')?.includes('tools')
  const vision = flagAt(props, 'modalities', 'vision')
  const transcription = flagAt(props, 'modalities', 'audio')
  return {
    ...(tools !== undefined && { tools }),
    ...(vision !== undefined && { vision }),
    ...(transcription !== undefined && { transcription }),
  }
}

/** The router's models: what runs is asked for its properties, the rest is known by its command line only. */
async function routedModels(api: BackendApi, list: unknown): Promise<readonly ModelDescription[]> {
  const models = await Promise.all(
    listAt(list, 'data').map(async (entry) => {
      const isLoaded = textAt(entry, 'status', 'value') === 'loaded'
      const props = isLoaded ? await propertiesOf(api, textAt(entry, 'id') ?? '') : undefined
      const capabilities = { ...templateCapabilities(props), ...launchCapabilities(entry) }
      return modelFrom(entry, { props, isLoaded, capabilities })
    }),
  )
  return models.flat()
}

/** `undefined` when the model was unloaded in between: the router then refuses instead of loading it again. */
async function propertiesOf(api: BackendApi, id: string): Promise<unknown> {
  const { status, json } = await api.ask('GET', `/props?model=${encodeURIComponent(id)}&autoload=false`)
  return status === 200 ? json : undefined
}

function launchCapabilities(entry: unknown): Capabilities {
  const flags = new Set(listAt(entry, 'status', 'args'))
  const isOn = (...names: readonly string[]): boolean => names.some((name) => flags.has(name))
  return purpose({ embedding: isOn('--embedding', '--embeddings'), rerank: isOn('--rerank', '--reranking') })
}

interface ModelFacts {
  readonly props: unknown
  readonly isLoaded: boolean
  readonly capabilities: Capabilities
}

function modelFrom(entry: unknown, { props, isLoaded, capabilities }: ModelFacts): ModelDescription[] {
  const id = textAt(entry, 'id')
  if (id === undefined) return []
  const contextLength = countAt(props, 'default_generation_settings', 'n_ctx') ?? countAt(entry, 'meta', 'n_ctx')
  const slots = countAt(props, 'total_slots')
  const toolIds = toolIdFormOfTemplate(textAt(props, 'chat_template') ?? '')
  const embeddingDimensions = capabilities.embedding === true ? countAt(at(entry, 'meta'), 'n_embd') : undefined
  const revision = revisionOf(entry, props)
  return [
    {
      id,
      isLoaded,
      capabilities,
      ...(contextLength !== undefined && { contextLength }),
      ...(slots !== undefined && { slots }),
      ...(embeddingDimensions !== undefined && { embeddingDimensions }),
      ...(toolIds !== 'any' && { toolIds }),
      ...(revision !== undefined && { revision }),
    },
  ]
}

/** Of the weights and the template; what a model on disk is, nobody says. */
function revisionOf(entry: unknown, props: unknown): string | undefined {
  const path = textAt(props, 'model_path')
  if (path === undefined) return undefined
  const facts = [path, textAt(props, 'chat_template'), at(entry, 'meta', 'size'), at(entry, 'meta', 'n_params')]
  return hash('sha256', JSON.stringify(facts)).slice(0, 12)
}
