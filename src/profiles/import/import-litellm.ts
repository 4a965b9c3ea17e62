import { parse } from 'yaml'

import { numberOf, recordOf, textOf } from './foreign-values.ts'
import { compact } from './imported.ts'
import type { Imported } from './imported.ts'

type Record_ = Readonly<Record<string, unknown>>

/** Where LiteLLM finds a provider of which no address is written. */
const usualAddresses: Readonly<Record<string, string>> = {
  openai: 'https://api.openai.com',
  ollama: 'http://localhost:11434',
  ollama_chat: 'http://localhost:11434',
  lm_studio: 'http://localhost:1234',
  openrouter: 'https://openrouter.ai/api',
  groq: 'https://api.groq.com/openai',
  mistral: 'https://api.mistral.ai',
  deepseek: 'https://api.deepseek.com',
}

const kinds: Readonly<Record<string, string>> = {
  ollama: 'ollama',
  ollama_chat: 'ollama',
  hosted_vllm: 'vllm',
  lm_studio: 'lmstudio',
}

/**
 * A configuration of LiteLLM: each address becomes a backend, and each name a model on those that it was written with.
 *
 * @returns undefined when the text is not one.
 */
export function importLiteLlm(text: string): Imported | undefined {
  const config = recordOf(readYaml(text))
  const list = config['model_list']
  if (!Array.isArray(list)) return undefined
  const notes: string[] = []
  const backends = new Map<string, Record_>()
  const models = new Map<string, ModelDraft>()
  for (const entry of list) {
    const place = placeOf(recordOf(entry), notes)
    if (place === undefined) continue
    const backend = backendFor(place, backends)
    if (place.name.includes('*')) {
      notes.push(`${place.name}: needs no entry, as models that backends report can be asked for`)
      continue
    }
    const model = models.get(place.name) ?? { backends: [], upstream: place.upstream }
    if (model.upstream !== place.upstream) {
      notes.push(
        `${place.name}: called ${model.upstream} and ${place.upstream}; a model has one upstream, so give the other a name of its own`,
      )
      continue
    }
    models.set(place.name, { ...model, backends: [...new Set([...model.backends, backend])] })
  }
  const fallbacks = fallbacksOf(config)
  const settings = ['router_settings', 'litellm_settings', 'general_settings', 'environment_variables']
  const left = settings.filter((key) => Object.keys(recordOf(config[key])).some((name) => name !== 'fallbacks'))
  if (left.length > 0)
    notes.push(`${left.join(', ')}: not taken over, but for fallbacks; keys are made by \`llmr keys create NAME\``)
  return {
    document: {
      backends: Object.fromEntries(backends),
      models: Object.fromEntries(
        Array.from(models, ([name, { backends: places, upstream }]) => [
          name,
          compact({
            backends: places,
            upstream: upstream === name ? undefined : upstream,
            fallbacks: fallbacks.get(name)?.filter((other) => models.has(other)),
          }),
        ]),
      ),
    },
    notes,
  }
}

interface ModelDraft {
  readonly backends: readonly string[]
  readonly upstream: string
}

interface Place {
  readonly name: string
  readonly url: string
  readonly upstream: string
  readonly kind: string | undefined
  readonly apiKey: string | undefined
  readonly maxConcurrent: number | undefined
}

function placeOf(entry: Record_, notes: string[]): Place | undefined {
  const parameters = recordOf(entry['litellm_params'])
  const name = textOf(entry['model_name'])
  const called = textOf(parameters['model'])
  if (name === undefined || called === undefined) return undefined
  const slash = called.indexOf('/')
  const provider = slash === -1 ? 'openai' : called.slice(0, slash)
  const address = textOf(parameters['api_base']) ?? usualAddresses[provider]
  if (address === undefined) {
    notes.push(`${name}: ${provider} has no address in the file and speaks no OpenAI, so it is left out`)
    return undefined
  }
  return {
    name,
    url: fromEnvironment(address).replace(/\/+$/, '').replace(/\/v1$/, ''),
    upstream: called.slice(slash + 1),
    kind: kinds[provider],
    apiKey: keyOf(name, textOf(parameters['api_key']), notes),
    maxConcurrent: numberOf(parameters['max_parallel_requests']),
  }
}

/** A secret that is written out stays where it is. Words such as `none`, which local servers are given, are no secrets. */
function keyOf(name: string, key: string | undefined, notes: string[]): string | undefined {
  if (key === undefined || key === '') return undefined
  if (key.startsWith(environmentPrefix)) return fromEnvironment(key)
  if (key.length >= secretLengthMin)
    notes.push(
      `${name}: its api_key is not copied; put it into a variable, and \${env.NAME} into the backend's api_key`,
    )
  return undefined
}

const secretLengthMin = 12
const environmentPrefix = 'os.environ/'

function fromEnvironment(text: string): string {
  return text.startsWith(environmentPrefix) ? `\${env.${text.slice(environmentPrefix.length)}}` : text
}

/** The name of the backend with this address and key; it is made when there is none yet. */
function backendFor({ url, kind, apiKey, maxConcurrent }: Place, backends: Map<string, Record_>): string {
  for (const [name, backend] of backends) if (backend['url'] === url && backend['api_key'] === apiKey) return name
  const base = baseName(url)
  const taken = Array.from(backends.keys()).filter((name) => name === base || name.startsWith(`${base}-`)).length
  const name = taken === 0 ? base : `${base}-${taken + 1}`
  backends.set(name, compact({ url, kind, api_key: apiKey, max_concurrent: maxConcurrent }))
  return name
}

/** `http://gpu1.lan:8000` is gpu1-8000, `https://api.example.com` is example. */
function baseName(url: string): string {
  const { hostname = url, port = '' } = URL.canParse(url) ? new URL(url) : {}
  const isAddress = /^[\d.]+$|:/.test(hostname)
  const [first = 'backend', second] = hostname.split('.')
  const host = isAddress ? hostname : first === 'api' ? (second ?? first) : first
  return (
    [host, port]
      .filter((part) => part !== '')
      .join('-')
      .replaceAll(/[^A-Za-z0-9-]+/g, '-')
      .replaceAll(/^-+|-+$/g, '') || 'backend'
  )
}

function fallbacksOf(config: Record_): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, readonly string[]>()
  for (const section of ['litellm_settings', 'router_settings']) {
    const list = recordOf(config[section])['fallbacks']
    if (!Array.isArray(list)) continue
    for (const [name, others] of list.flatMap((one) => Object.entries(recordOf(one)))) {
      if (Array.isArray(others))
        found.set(
          name,
          others.filter((other) => typeof other === 'string'),
        )
    }
  }
  return found
}

function readYaml(text: string): unknown {
  try {
    return parse(text, { uniqueKeys: false, maxAliasCount: 1_000 })
  } catch {
    return undefined // said to be no configuration of LiteLLM
  }
}
