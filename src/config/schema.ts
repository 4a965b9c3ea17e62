import { z } from 'zod'

import { capabilityNames } from '../core/model.ts'
import { scopes } from '../core/principal.ts'
import { trustZones } from '../core/trust.ts'
import { profileName, profileSchema } from './profile-schema.ts'
import { marks } from './schema-marks.ts'
import { duration, durationOrZero, size } from './units.ts'

/**
 * The one description of llmr.yaml: types, validation, `llmr config schema` and docs/configuration.md all come from it.
 * Objects are strict, so a key that nobody reads is an error and never silently ignored. Every key has a description,
 * which the reference page prints.
 *
 * @param backendKinds the kinds that `backends/` has adapters for; this folder knows no engine by name.
 */
export function configSchema(backendKinds: readonly string[]) {
  return z.strictObject({
    listen: listen.prefault({}),
    auth: auth.prefault({}),
    backends: z
      .record(name, backend(backendKinds))
      .prefault({})
      .describe(
        'Inference servers by a name of your choice. Empty: the usual ports of this machine are looked at, and if nothing answers, the simulated engine is started.',
      ),
    models: z
      .record(z.string().min(1), model)
      .prefault({})
      .describe(
        'The catalogue: names that clients may ask for. Keys may hold * and ?; an exact name wins over a pattern, the longer pattern over the shorter. Models that backends report need no entry.',
      ),
    profiles: z
      .record(profileName, profileSchema)
      .register(marks, { mark: 'template' })
      .prefault({})
      .describe(
        'How to launch models on this machine, by the name clients ask for. More may stand in profiles/*.yaml beside this file, and shipped ones can be extended: see profiles.md.',
      ),
    scheduling: scheduling.prefault({}),
    routing: routing.prefault({}),
    resilience: resilience.prefault({}),
    dialects: dialects.prefault({}),
    telemetry: telemetry.prefault({}),
  })
}

export type Config = z.output<ReturnType<typeof configSchema>>
export type ListenConfig = Config['listen']
export type AuthConfig = Config['auth']
export type KeyConfig = AuthConfig['keys'][number]
export type BackendConfig = Config['backends'][string]
export type ModelConfig = Config['models'][string]
export type { ProfileConfig } from './profile-schema.ts'
export type SchedulingConfig = Config['scheduling']
export type RoutingConfig = Config['routing']
export type ResilienceConfig = Config['resilience']
export type DialectsConfig = Config['dialects']
export type TelemetryConfig = Config['telemetry']

const name = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, {
  error: 'expected a name of letters, digits, dots, dashes or underscores',
})

const positive = z.number().positive()
const count = z.int().positive()
const file = z.string().min(1).register(marks, { mark: 'file' })
const secret = z.string().min(1).register(marks, { mark: 'secret' })
const headerName = z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, { error: 'expected the name of an HTTP header' })
const headerSecret = secret.regex(/^[\t\x20-\x7e]*$/, {
  error: 'expected one line of ASCII characters; a variable read from a file may end with a line break',
})

const listen = z
  .strictObject({
    host: z.string().default('127.0.0.1').describe('Address to bind. Anything but loopback needs auth.'),
    port: z.int().min(0).max(65535).default(8411).describe('TCP port; 0 takes a free one.'),
    tls: z
      .strictObject({
        cert: file.describe('PEM file with the certificate chain.'),
        key: file.describe('PEM file with the private key.'),
      })
      .optional()
      .describe('Serve HTTPS.'),
    hosts: z
      .array(z.string())
      .default([])
      .describe('Further Host names answered when auth is off, beside localhost, 127.0.0.1 and [::1].'),
    cors_origins: z
      .array(z.string())
      .default([])
      .describe('Origins whose pages may call the gateway; "*" for all. Off by default.'),
    trusted_proxies: z
      .array(z.string())
      .default([])
      .describe('Addresses or CIDR ranges whose X-Forwarded-For and X-Forwarded-Proto are believed.'),
    max_body: size.prefault('64MiB').describe('Largest request body.'),
    headers_timeout: duration.prefault('30s').describe('Time a client has to send its request headers.'),
    body_timeout: duration.prefault('120s').describe('Time a client has to send its request body.'),
    slow_client_timeout: duration
      .prefault('120s')
      .describe('A client that reads nothing for this long while a reply waits for it is disconnected.'),
    shutdown_timeout: durationOrZero
      .prefault('30s')
      .describe('Time that replies in flight have to finish after SIGTERM before they are cut with an error.'),
  })
  .describe('Where and how clients connect. Changes to host, port and tls need a restart.')

/** One API key, in llmr.yaml and in the file of stored keys. */
export const keySchema = z.strictObject({
  name: name.describe('Shown in logs and limits instead of the key.'),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/, { error: 'expected 64 lower-case hex digits, the SHA-256 of the key' })
    .register(marks, { mark: 'secret' })
    .describe('SHA-256 of the key. The key itself is never written down.'),
  scopes: z.array(z.enum(scopes)).default(['chat']).describe('What the key may do.'),
  models: z.array(z.string()).optional().describe('Globs of the models it may use; all when absent.'),
  expires: z.iso.date().optional().describe('Last day (UTC) on which it works, such as 2030-12-31.'),
  may_leave: z.enum(trustZones).optional().describe('The widest zone its requests may fall back to.'),
  trust_user_headers: z.boolean().default(false).describe('Believe x-llmr-user from this key.'),
  max_concurrent: count.optional().describe('Requests it may have in flight.'),
  requests_per_minute: count.optional().describe('Requests it may start in any minute.'),
})

const auth = z
  .strictObject({
    required: z
      .boolean()
      .optional()
      .describe('Default: required as soon as a key or jwt is configured. Without auth only loopback can be bound.'),
    keys: z
      .array(keySchema)
      .default([])
      .describe('API keys, beside those that `llmr keys create` keeps in the data folder.'),
    jwt: z
      .strictObject({
        secret: secret.min(32).optional().describe('HS256 secret, at least 32 characters; use ${env.NAME}.'),
        jwks_url: z.url().optional().describe('Where RS256/ES256 public keys are read.'),
        issuer: z.string().optional().describe('Required value of iss.'),
        audience: z.string().optional().describe('Required value of aud.'),
        clock_skew: durationOrZero.prefault('30s').describe('Tolerance for exp and nbf.'),
        scopes: z.array(z.enum(scopes)).default(['chat']).describe('Scopes of a token that has no scope claim.'),
      })
      .optional()
      .describe('Accept JSON web tokens as Bearer credentials.'),
  })
  .describe('Who may ask.')

function backend(kinds: readonly string[]) {
  return z.strictObject({
    url: z
      .url({ protocol: /^https?$/, error: 'expected an http:// or https:// URL', abort: true })
      .refine((url) => !/^https?:\/\/[^/?#]*@/i.test(url), {
        error: 'expected no user and password in the URL, which logs show; use headers or api_key',
        abort: true,
      })
      .refine((url) => !/[?#]/.test(url), { error: 'expected a URL without ? and #' })
      .overwrite((url) => url.replace(/\/+$/, '').replace(/\/v1$/, ''))
      .describe('Base address, for example http://127.0.0.1:8080. A /v1 at its end is left out.'),
    kind: z
      .enum(['auto', ...kinds])
      .default('auto')
      .describe('The engine; auto asks the server itself.'),
    trust: z
      .enum(trustZones)
      .optional()
      .describe('How far requests travel. Default: local on loopback, lan on private addresses, else cloud.'),
    api_key: headerSecret.optional().describe('Sent to this backend as Bearer; use ${env.NAME}.'),
    headers: z.record(headerName, headerSecret).prefault({}).describe('Further headers sent to this backend.'),
    models: z
      .array(z.string())
      .optional()
      .describe('Globs of the models to use from it. A name without * counts as present even if it lists none.'),
    weight: positive.optional().describe('Share of requests under the weighted policy; default: vram in GiB, else 1.'),
    vram: size.optional().describe('GPU memory of the machine, for the weighted policy.'),
    max_concurrent: count
      .optional()
      .describe('Requests in flight at once; default: the slots it reports, else no limit.'),
    context_length: count.optional().describe('Tokens of context, where the server does not say.'),
    paid: z
      .boolean()
      .default(false)
      .describe('Every request costs money: never probed with an inference unless --paid.'),
    tls: z
      .strictObject({
        ca: file.optional().describe('PEM file with the authority that signed its certificate.'),
        insecure: z.boolean().default(false).describe('Accept any certificate.'),
      })
      .optional()
      .describe('How its certificate is checked.'),
  })
}

const model = z.strictObject({
  backends: z
    .array(z.string())
    .optional()
    .describe('Names or globs of backends, in order of preference. Default: every backend that has it.'),
  upstream: z.string().optional().describe("The engine's name for it. Default: the name asked for."),
  aliases: z.array(z.string()).default([]).describe('Other names for it.'),
  fallbacks: z.array(z.string()).default([]).describe('Models tried in order when no backend can serve it.'),
  policy: z
    .enum(['round-robin', 'weighted', 'least-busy', 'latency', 'affinity', 'ordered'])
    .optional()
    .describe('How one of several backends is chosen. Default: resilience.policy.'),
  may_leave: z.enum(trustZones).optional().describe('The widest zone it may fall back to; the key must allow it too.'),
  context_length: count.optional().describe('Tokens of context, where the backend does not say.'),
  capabilities: z.array(z.enum(capabilityNames)).optional().describe('What it can do, where the backend does not say.'),
  moderates_by: z
    .enum(['endpoint', 'chat'])
    .default('endpoint')
    .describe(
      'For /v1/moderations: the backend has a moderation endpoint, or the model is a guard that answers in chat.',
    ),
  unlisted: z.boolean().default(false).describe('Usable, but not in the model list.'),
  pick: z
    .strictObject({
      general: z.string().describe('The model for everything else.'),
      coding: z.string().optional().describe('For coding, as the heuristics or the intent model see it.'),
      agent: z.string().optional().describe('For requests with tools.'),
      vision: z.string().optional().describe('For requests with images.'),
      long: z.string().optional().describe('For prompts that do not fit the context of the others.'),
      background: z.string().optional().describe('For titles, tags and follow-ups that clients ask for by themselves.'),
    })
    .optional()
    .describe('Makes it a virtual model: a name that is a decision.'),
})

const scheduling = z
  .strictObject({
    policy: z
      .enum(['ripe', 'fifo'])
      .default('ripe')
      .describe(
        'Which model is brought in next: when its queue has waited enough to be worth the swap, or in order of arrival.',
      ),
    max_wait: duration
      .prefault('60s')
      .describe('A request that has waited so long is overdue: at least every second swap is then for the oldest one.'),
    queue: z
      .strictObject({
        timeout: duration.prefault('10m').describe('Longest wait for a turn; must exceed max_wait.'),
        per_model: count.default(100).describe('Requests that may wait for one model; one more is refused with 429.'),
        total: count.default(2_000).describe('Requests that may wait in all.'),
      })
      .prefault({})
      .describe('Those who wait.'),
    pools: z
      .record(name, size)
      .optional()
      .describe(
        'Memory that models may fill, by pool such as gpu0. Default: one pool, ram, with what this machine has free at the start.',
      ),
    groups: z
      .record(
        name,
        z.strictObject({
          swap: z.boolean().default(true).describe('One member at a time.'),
          exclusive: z.boolean().default(true).describe('Starting a member puts out the members of other groups.'),
          persistent: z.boolean().default(false).describe('Other groups cannot put its members out.'),
        }),
      )
      .prefault({})
      .describe('Groups that profiles name as theirs.'),
    matrix: z
      .strictObject({
        sets: z.record(name, z.string()).describe('Models that may be in memory together: a & b | (c & +other_set).'),
        variables: z.record(name, z.string()).prefault({}).describe('Short names for models.'),
        evict_costs: z
          .record(z.string(), positive)
          .prefault({})
          .describe('How much an eviction costs beside the others.'),
      })
      .optional()
      .describe('Sets of models that may be in memory together, beside what fits.'),
  })
  .describe('Who of the profiles is in memory.')

const routing = z
  .strictObject({
    default_model: z
      .string()
      .optional()
      .describe('Used when a request names no model. Default: the only model there is, else the one last used.'),
    heuristics: z
      .strictObject({
        threshold: positive.default(1).describe('Sum of weights from which a topic counts.'),
        keywords: z
          .record(z.string(), z.record(z.string(), positive))
          .optional()
          .describe(
            'topic → keyword → weight; matched as whole words, in any case, in the last user message. Default: a list for coding.',
          ),
      })
      .prefault({})
      .describe('Fast, deterministic choice by words.'),
    intent: z
      .strictObject({
        model: z.string().describe('A small model that answers JSON.'),
        timeout: duration.prefault('800ms').describe('After this the heuristics decide.'),
      })
      .optional()
      .describe('Ask a small model what the last user message wants. Off by default.'),
  })
  .describe('Which model serves a request.')

const resilience = z
  .strictObject({
    policy: z
      .enum(['round-robin', 'weighted', 'least-busy', 'latency', 'affinity', 'ordered'])
      .default('affinity')
      .describe('How one of several backends is chosen.'),
    connect_timeout: duration.prefault('3s').describe('To open a connection.'),
    first_byte_timeout: duration
      .prefault('10m')
      .describe(
        'From sending the request to the first byte of the reply. Reading a long prompt on a CPU takes minutes.',
      ),
    idle_timeout: duration.prefault('5m').describe('Longest silence inside a reply.'),
    max_attempts: z.int().min(1).max(10).default(3).describe('Backends asked for one request, the first included.'),
    health: z
      .strictObject({
        interval: duration.prefault('30s').describe('Between checks of a healthy backend.'),
        failing_interval: duration
          .prefault('2s')
          .describe('First interval after a failure; it doubles up to interval.'),
        timeout: duration.prefault('5s').describe('For one check.'),
      })
      .prefault({})
      .describe('Active checks.'),
    breaker: z
      .strictObject({
        failures: count.default(3).describe('Failures in a row that open it.'),
        open_for: duration
          .prefault('10s')
          .describe('How long it stays open before one trial request; doubles up to 5m.'),
        slow_first_byte: duration
          .optional()
          .describe('A first byte later than this counts as a failure. Off by default.'),
      })
      .prefault({})
      .describe('One circuit breaker for each backend and model.'),
  })
  .describe('What happens when a backend is slow, full or gone.')

const dialects = z
  .strictObject({
    keep_alive: z
      .strictObject({
        interval: duration.prefault('10s').describe('Silence after which a stream gets a sign of life.'),
        delta_interval: duration
          .prefault('60s')
          .describe('Silence after which the sign is an empty delta, for clients that ignore comments.'),
      })
      .prefault({})
      .describe('Keeps clients from giving up while an engine reads a long prompt.'),
  })
  .describe('How replies look to clients.')

const telemetry = z
  .strictObject({
    log: z
      .strictObject({
        level: z.enum(['debug', 'info', 'warn', 'error']).default('info').describe('Least severe level written.'),
        file: file.optional().describe('Write JSON lines there instead of to stdout.'),
        format: z
          .enum(['auto', 'json', 'pretty'])
          .default('auto')
          .describe('auto: pretty on a terminal, JSON elsewhere.'),
      })
      .prefault({})
      .describe('Logs never hold prompts, replies or secrets.'),
    recent_requests: z
      .int()
      .min(0)
      .max(100_000)
      .default(1_000)
      .describe('Finished requests that `llmr why` can explain.'),
  })
  .describe('What the operator sees.')
