import { isIP } from 'node:net'

import { checkExposure } from './check-exposure.ts'
import { checkMemory } from './check-memory.ts'
import { checkModels } from './check-models.ts'
import type { CheckInput, Checked } from './checked.ts'
import type { Finding } from './finding.ts'
import type { Config } from './schema.ts'

/** What each key alone cannot tell: whether the keys fit each other. */
export function checkConfig(input: CheckInput): Checked {
  const { config } = input
  const models = checkModels(input)
  return {
    errors: [
      ...exposure(input),
      ...addresses(config),
      ...keys(config),
      ...jwt(config),
      ...intervals(config),
      ...checkMemory(input),
      ...models.errors,
    ],
    warnings: [...openToEveryPage(input), ...nobodyHasAKey(input), ...models.warnings],
  }
}

function exposure({ config, hasStoredKeys }: CheckInput): readonly Finding[] {
  if (hasStoredKeys === undefined) return []
  const finding = checkExposure({ host: config.listen.host, auth: config.auth, hasStoredKeys })
  return finding === undefined ? [] : [finding]
}

function addresses({ listen }: Config): readonly Finding[] {
  return [
    ...(isHost(listen.host)
      ? []
      : [wrong(['listen', 'host'], 'expected an address or a host name alone; the port belongs in listen.port')]),
    ...wrongItems(['listen', 'hosts'], listen.hosts, isHost, 'expected a host name without scheme and port'),
    ...wrongItems(
      ['listen', 'cors_origins'],
      listen.cors_origins,
      isOrigin,
      'expected an origin such as https://app.example:8443, without a path, or "*"',
    ),
    ...wrongItems(
      ['listen', 'trusted_proxies'],
      listen.trusted_proxies,
      isNetwork,
      'expected an address or a range such as 10.0.0.0/8 or fd00::/8',
    ),
  ]
}

function isHost(text: string): boolean {
  return isIP(text) !== 0 || /^(?=.{1,253}$)[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?\.?$/.test(text)
}

/** As browsers write it, which is in small letters; `app://obsidian.md` and browser extensions are origins as well. */
function isOrigin(text: string): boolean {
  return text === '*' || /^[a-z][a-z0-9+.-]*:\/\/[^/?#@\sA-Z]+$/.test(text)
}

function isNetwork(text: string): boolean {
  const [address = '', prefix, ...more] = text.split('/')
  const version = isIP(address)
  if (version === 0 || more.length > 0) return false
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (version === 4 ? 32 : 128))
}

function keys({ auth }: Config): readonly Finding[] {
  return [
    ...repeated(auth.keys.map(({ name }) => name)).map(({ index, first }) =>
      conflict(['auth', 'keys', index, 'name'], `auth.keys[${first}] has the same name; names tell keys apart in logs`),
    ),
    ...repeated(auth.keys.map(({ sha256 }) => sha256)).map(({ index, first }) =>
      conflict(['auth', 'keys', index, 'sha256'], `auth.keys[${first}] is the same key; keep one of them`),
    ),
  ]
}

function repeated(values: readonly string[]): readonly { readonly index: number; readonly first: number }[] {
  return values
    .map((value, index) => ({ index, first: values.indexOf(value) }))
    .filter(({ index, first }) => first !== index)
}

function jwt({ auth }: Config): readonly Finding[] {
  if (auth.jwt === undefined) return []
  const { secret, jwks_url } = auth.jwt
  if (secret === undefined && jwks_url === undefined) {
    return [conflict(['auth', 'jwt'], 'expected secret (for HS256) or jwks_url (for RS256 and ES256), got neither')]
  }
  if (secret !== undefined && jwks_url !== undefined) {
    // A verifier that takes both can be shown a token signed with the public key as if it were the secret.
    return [conflict(['auth', 'jwt'], 'expected secret or jwks_url, got both; take one away')]
  }
  return []
}

function intervals({ dialects, resilience, scheduling }: Config): readonly Finding[] {
  const { keep_alive } = dialects
  const { health } = resilience
  const { queue, max_wait } = scheduling
  return [
    ...(queue.timeout <= max_wait
      ? [
          conflict(
            ['scheduling', 'queue', 'timeout'],
            'expected more than max_wait, or whoever is overdue is refused before it is their turn',
          ),
        ]
      : []),
    ...(keep_alive.interval > keep_alive.delta_interval
      ? [
          conflict(
            ['dialects', 'keep_alive', 'interval'],
            'expected at most delta_interval, as an empty delta is the later and stronger sign of life',
          ),
        ]
      : []),
    ...(health.failing_interval > health.interval
      ? [
          conflict(
            ['resilience', 'health', 'failing_interval'],
            'expected at most interval, up to which it doubles; a failing backend is checked more often, not less',
          ),
        ]
      : []),
  ]
}

function openToEveryPage({ config, hasStoredKeys }: CheckInput): readonly Finding[] {
  const index = config.listen.cors_origins.indexOf('*')
  if (index === -1 || isAuthConfigured(config) || hasStoredKeys === true) return []
  const message = 'every page that a browser on this machine opens may use the gateway; name the origins, or make a key'
  return [{ path: ['listen', 'cors_origins', index], code: 'no_auth', message }]
}

function nobodyHasAKey({ config, hasStoredKeys }: CheckInput): readonly Finding[] {
  if (config.auth.required !== true || isAuthConfigured(config) || hasStoredKeys !== false) return []
  const message =
    'auth is required and there is no key, so every request is refused; make one with `llmr keys create NAME`'
  return [{ path: ['auth', 'required'], code: 'no_auth', message }]
}

function isAuthConfigured({ auth }: Config): boolean {
  return auth.keys.length > 0 || auth.jwt !== undefined
}

function wrongItems(
  path: readonly PropertyKey[],
  items: readonly string[],
  isRight: (item: string) => boolean,
  message: string,
): readonly Finding[] {
  return items.flatMap((item, index) => (isRight(item) ? [] : [wrong([...path, index], message)]))
}

function wrong(path: readonly PropertyKey[], message: string): Finding {
  return { path, code: 'wrong_value', message }
}

function conflict(path: readonly PropertyKey[], message: string): Finding {
  return { path, code: 'conflict', message }
}
