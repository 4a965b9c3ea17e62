import type { BackendDescription, BackendSettings } from '../../core/backend.ts'
import type { Capabilities, ModelDescription } from '../../core/model.ts'
import { desktopChat } from '../chat/chat-abilities.ts'
import type { BackendAdapter, BackendApi } from '../adapter.ts'
import { at, countAt, listAt, textAt } from '../../core/foreign-json.ts'
import { pathsFor } from '../openai-paths.ts'

/**
 * Ollama. `/api/tags` is what lies on disk, `/api/ps` what runs and with which context, `/api/show` what a model can do;
 * none of them loads anything. Requests go to its endpoints in OpenAI's shape.
 */
export const ollama: BackendAdapter = {
  kind: 'ollama',
  usualPort: 11434,
  path: pathsFor(['chat', 'completion', 'fim', 'embedding']),
  chat: () => desktopChat,
  describe,
  check: async (api) => {
    await api.get('/api/version')
    return { isLoading: false }
  },
}

/** Models asked about at once, and in all: a list may hold hundreds. */
const showsAtOnce = 4
const showsMax = 200

async function describe(
  api: BackendApi,
  _settings: BackendSettings,
  previous?: BackendDescription,
): Promise<BackendDescription> {
  const [tags, running, versionReply] = await Promise.all([
    api.get('/api/tags'),
    api.get('/api/ps'),
    api.get('/api/version'),
  ])
  const version = textAt(versionReply, 'version')
  const models = await describeModels(api, {
    listed: listAt(tags, 'models').flatMap(readListed),
    contexts: runningContexts(running),
    known: new Map(previous?.models.map((model) => [model.id, model])),
  })
  return { kind: ollama.kind, models, ...(version !== undefined && { version }) }
}

interface Listed {
  readonly name: string
  readonly revision: string | undefined
}

function readListed(model: unknown): readonly Listed[] {
  const name = textAt(model, 'name')
  return name === undefined ? [] : [{ name, revision: textAt(model, 'digest') }]
}

/** Context of what runs now; versions before 0.11 do not tell it. */
function runningContexts(running: unknown): ReadonlyMap<string, number | undefined> {
  return new Map(
    listAt(running, 'models').flatMap((model) => {
      const name = textAt(model, 'name')
      return name === undefined ? [] : [[name, countAt(model, 'context_length')] as const]
    }),
  )
}

interface Circumstances {
  readonly listed: readonly Listed[]
  readonly contexts: ReadonlyMap<string, number | undefined>
  readonly known: ReadonlyMap<string, ModelDescription>
}

/** A model on disk is asked about once, and again when it was pulled anew; a loaded one may change its context. */
async function describeModels(
  api: BackendApi,
  { listed, contexts, known }: Circumstances,
): Promise<ModelDescription[]> {
  const models: ModelDescription[] = []
  for (let start = 0; start < listed.length; start += showsAtOnce) {
    const described = listed.slice(start, start + showsAtOnce).map(async (model, offset) => {
      const before = known.get(model.name)
      const isLoaded = contexts.has(model.name)
      const isKnown = before !== undefined && before.revision === model.revision && before.isLoaded === isLoaded
      if (isKnown && !isLoaded) return before
      return describeModel(api, { model, contexts, isAskedAbout: start + offset < showsMax })
    })
    models.push(...(await Promise.all(described)))
  }
  return models
}

interface ModelQuestion {
  readonly model: Listed
  readonly contexts: ReadonlyMap<string, number | undefined>
  readonly isAskedAbout: boolean
}

async function describeModel(
  api: BackendApi,
  { model, contexts, isAskedAbout }: ModelQuestion,
): Promise<ModelDescription> {
  const shown = isAskedAbout ? (await api.ask('POST', '/api/show', { model: model.name })).json : undefined
  const contextLength = contexts.get(model.name) ?? configuredContext(shown)
  const capabilities = capabilitiesOf(shown)
  const embeddingDimensions = capabilities.embedding === true ? architectureCount(shown, 'embedding_length') : undefined
  return {
    id: model.name,
    isLoaded: contexts.has(model.name),
    capabilities,
    ...(contextLength !== undefined && { contextLength }),
    ...(embeddingDimensions !== undefined && { embeddingDimensions }),
    ...(model.revision !== undefined && { revision: model.revision }),
  }
}

/**
 * `num_ctx` of the Modelfile. Without it the server's own default applies, which it does not tell before it has loaded
 * the model: 4096, more on large GPUs, or OLLAMA_CONTEXT_LENGTH.
 */
function configuredContext(shown: unknown): number | undefined {
  const digits = /^num_ctx\s+(\d+)/m.exec(textAt(shown, 'parameters') ?? '')?.[1]
  return digits === undefined ? undefined : Number(digits)
}

/** Versions before 0.6.4 list no capabilities, and then nothing is claimed. */
function capabilitiesOf(shown: unknown): Capabilities {
  const listed = new Set(listAt(shown, 'capabilities'))
  if (listed.size === 0) return {}
  return {
    chat: listed.has('completion'),
    completion: listed.has('completion'),
    embedding: listed.has('embedding'),
    tools: listed.has('tools'),
    vision: listed.has('vision'),
    fim: listed.has('insert'),
  }
}

/** GGUF keys carry the architecture's name: `llama.embedding_length`. */
function architectureCount(shown: unknown, key: string): number | undefined {
  const info = at(shown, 'model_info')
  const architecture = textAt(info, 'general.architecture') ?? ''
  return countAt(info, `${architecture}.${key}`)
}
