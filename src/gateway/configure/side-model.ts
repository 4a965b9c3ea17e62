import { type Connection, openConnection } from '../../backends/connection.ts'
import { trustOfUrl } from '../../core/trust-of-url.ts'
import type { Config } from '../../config/schema.ts'
import type { BackendSettings } from '../../core/backend.ts'
import { LlmrError } from '../../core/error.ts'
import { backendSettings, runtimeSettings } from './settings.ts'

/** Where the gateway itself answers, and a key for it. */
export interface OwnGateway {
  readonly url: string
  readonly key: string | undefined
}

/** A model that works on what was said, as `memory.embeddings` and `memory.summaries` name it. */
export interface SideModelConfig {
  readonly model: string
  readonly backend?: string
  readonly url?: string
  readonly api_key?: string
}

export interface SideModelOptions {
  readonly wanted: SideModelConfig
  readonly config: Config
  /** Looked for at each call: a gateway that was restarted may listen elsewhere. Throws when there is none. */
  readonly ownGateway: () => OwnGateway
  /** Somebody's request waits for the answer; else it comes behind everybody's. */
  readonly isAwaited?: boolean
}

/** The way to such a model. Opened by the first call. */
export class SideModel {
  readonly #settings: () => BackendSettings
  readonly #config: Config
  #connection: Connection | undefined
  #closing: Promise<void> | undefined

  constructor({ wanted, config, ownGateway, isAwaited = false }: SideModelOptions) {
    this.#config = config
    const named = namedSettings(wanted, config)
    this.#settings = () => named ?? gatewaySettings(ownGateway(), isAwaited)
  }

  /** @throws LlmrError or CliError when there is nobody to ask */
  connection(): Connection {
    if (this.#closing !== undefined) throw new LlmrError('shutting_down', 'This worker is closing.')
    const settings = this.#settings()
    const open = this.#connection
    if (open?.settings.url === settings.url && open.settings.apiKey === settings.apiKey) return open
    void open?.close()
    return (this.#connection = openConnection(settings, runtimeSettings(this.#config).limits))
  }

  /** Cuts calls in hand. May be called twice. */
  close(): Promise<void> {
    return (this.#closing ??= this.#connection?.destroy() ?? Promise.resolve())
  }
}

function namedSettings(
  { backend, url, api_key: apiKey }: SideModelConfig,
  config: Config,
): BackendSettings | undefined {
  if (backend !== undefined) return backendSettings(config).find(({ name }) => name === backend)
  if (url === undefined) return undefined
  return { ...plain, name: new URL(url).host, url, trust: trustOfUrl(url), apiKey }
}

/** The gateway sees to zones itself. What it is asked here is nobody's conversation. */
function gatewaySettings({ url, key }: OwnGateway, isAwaited: boolean): BackendSettings {
  return {
    ...plain,
    name: 'gateway',
    url: url.replace(/\/+$/, ''),
    kind: 'llmr',
    trust: 'local',
    apiKey: key,
    headers: { 'x-llmr-memory': 'off', ...(!isAwaited && { 'x-llmr-task': 'memory_upkeep' }) },
    // Its own certificate need not name the address under which it left word in the data folder.
    ...(new URL(url).hostname === '127.0.0.1' && { tls: { insecure: true } }),
  }
}

const plain = { kind: 'openai', headers: {}, weight: 1, isPaid: false } as const
