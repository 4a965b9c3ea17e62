import { trustOfUrl } from '../../core/trust-of-url.ts'
import type { BackendConfig, Config } from '../../config/schema.ts'
import type { BackendDescription, BackendSettings } from '../../core/backend.ts'
import type { ServerLimits } from '../../http/server.ts'
import type { BackendInventory, CatalogueEntry } from '../../routing/catalogue-entry.ts'
import type { RoutingSettings } from '../../routing/route-input.ts'
import { createHeuristics } from '../../routing/heuristics.ts'
import type { Ready } from '../../lifecycle/instance/instance.ts'
import type { RuntimeSettings } from '../fleet/backend-runtime.ts'
import type { ManagedModel } from '../fleet/residency-plan.ts'
import type { ImageSettings } from '../request/settle-images.ts'
import type { RecordingSettings } from '../operating/recording/recordings.ts'
import type { PulseSettings } from '../request/stream-pulse.ts'

/** The words of llmr.yaml as the stages' own settings: the only place where the two vocabularies meet. */

export function backendSettings(config: Config): BackendSettings[] {
  return Object.entries(config.backends).map(([name, backend]) => backendSetting(name, backend))
}

export function runtimeSettings({ resilience }: Config): RuntimeSettings {
  return {
    limits: {
      connectTimeoutMs: resilience.connect_timeout,
      firstByteTimeoutMs: resilience.first_byte_timeout,
      idleTimeoutMs: resilience.idle_timeout,
    },
    health: {
      intervalMs: resilience.health.interval,
      failingIntervalMs: resilience.health.failing_interval,
      timeoutMs: resilience.health.timeout,
    },
    breaker: {
      failures: resilience.breaker.failures,
      openForMs: resilience.breaker.open_for,
      trialMaxMs: resilience.first_byte_timeout,
    },
    slowFirstByteMs: resilience.breaker.slow_first_byte,
  }
}

export function pulseSettings({ dialects }: Config): PulseSettings {
  return { intervalMs: dialects.keep_alive.interval, deltaIntervalMs: dialects.keep_alive.delta_interval }
}

export function imageSettings({ dialects: { images } }: Config): ImageSettings {
  return {
    maxBytes: images.max_size,
    maxCount: images.max_count,
    isFetched: images.fetch,
    fetchTimeoutMs: images.fetch_timeout,
    privateHosts: images.private_hosts,
  }
}

export function recordingSettings({ telemetry: { recording } }: Config): RecordingSettings {
  return {
    isAllowed: recording.allow,
    redaction: {
      keepsHomePaths: recording.home_paths === 'keep',
      patterns: recording.redact.map((pattern) => new RegExp(pattern, 'g')),
    },
  }
}

export function serverLimits({ listen }: Config): ServerLimits {
  return {
    maxBodyBytes: listen.max_body,
    headersTimeoutMs: listen.headers_timeout,
    bodyTimeoutMs: listen.body_timeout,
    slowClientTimeoutMs: listen.slow_client_timeout,
  }
}

export function catalogueEntries(config: Config): CatalogueEntry[] {
  return Object.entries(config.models).map(([name, model]) => ({
    name,
    backends: model.backends,
    upstream: model.upstream,
    aliases: model.aliases,
    fallbacks: model.fallbacks,
    policy: model.policy,
    mayLeave: model.may_leave,
    contextLength: model.context_length,
    capabilities: model.capabilities,
    moderatesBy: model.moderates_by,
    isUnlisted: model.unlisted,
    pick: model.pick,
  }))
}

export function routingSettings({ routing }: Config): RoutingSettings {
  return { defaultModel: routing.default_model, heuristics: createHeuristics(routing.heuristics) }
}

export function intentSettings({ routing }: Config): { model: string; timeoutMs: number } | undefined {
  return routing.intent && { model: routing.intent.model, timeoutMs: routing.intent.timeout }
}

/** What a backend has to offer, as far as it has said; one that is down keeps its place. */
export function backendInventory(
  settings: BackendSettings,
  description: BackendDescription | undefined,
): BackendInventory {
  const { name, trust, models: modelGlobs, contextLength } = settings
  return { name, trust, modelGlobs, contextLength, models: description?.models ?? [] }
}

/** An engine that llmr has started, as a backend. */
export function managedSettings({ name, kind }: ManagedModel, { url }: Ready): BackendSettings {
  return { name, url, kind, trust: 'local', headers: {}, weight: 1, isPaid: false }
}

function backendSetting(name: string, backend: BackendConfig): BackendSettings {
  return {
    name,
    url: backend.url.replace(/\/+$/, '').replace(/\/v1$/, ''),
    kind: backend.kind,
    trust: backend.trust ?? trustOfUrl(backend.url),
    apiKey: backend.api_key,
    headers: backend.headers,
    models: backend.models,
    weight: backend.weight ?? (backend.vram === undefined ? 1 : backend.vram / 1024 ** 3),
    maxConcurrent: backend.max_concurrent,
    contextLength: backend.context_length,
    isPaid: backend.paid,
    tls: backend.tls,
  }
}
