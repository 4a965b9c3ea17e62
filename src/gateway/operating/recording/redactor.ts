import { secretPattern } from '../../../telemetry/mask-secrets.ts'

export interface RedactionSettings {
  /** `/home/ada/notes` stays as it is, instead of `~/notes`. */
  readonly keepsHomePaths: boolean
  /** What else must not leave, as the operator wrote it. */
  readonly patterns: readonly RegExp[]
}

interface Rule {
  readonly pattern: RegExp
  readonly by: string
}

/**
 * Takes secrets, home folders and the data of pictures out of every text of a JSON value. The same text always becomes the
 * same, so that a run that goes in circles still does. Every pattern is linear: texts are as long as prompts.
 */
export function redactor(settings: RedactionSettings): (value: unknown) => unknown {
  const rules = [
    ...builtIn,
    ...(settings.keepsHomePaths ? [] : homePaths),
    ...settings.patterns.map((pattern) => ({ pattern, by: redacted })),
  ]
  return (value) => redactValue(value, rules)
}

const redacted = '[redacted]'

const builtIn: readonly Rule[] = [
  { pattern: secretPattern, by: redacted },
  {
    pattern: /\b(?:AKIA[A-Z0-9]{16}|gh[opsur]_\w{20,255}|glpat-[\w-]{20,255}|xox[abprs]-[\w-]{10,255})/g,
    by: redacted,
  },
  { pattern: /-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[^-]{0,16384}/g, by: `${redacted} ` },
  // As in environments: DB_PASSWORD=…
  {
    pattern: /\b([A-Z0-9_]{0,40}(?:PASSWORD|PASSWD|SECRET|TOKEN|API_?KEY)\s?[=:]\s?["']?)[^\s"'\\]{4,}/g,
    by: `$1${redacted}`,
  },
  // As in JSON and code: "password": "…", where the quotes may be escaped.
  {
    pattern: /((?:password|passwd|api_?key|client_?secret)\\{0,3}["']?\s?[:=]\s?\\{0,3}["'])[^\s"'\\]{4,}/gi,
    by: `$1${redacted}`,
  },
  { pattern: /(data:[\w.+-]{1,60}\/[\w.+-]{1,60};base64,)[\w+/=]{64,}/g, by: '$1' },
]

const homePaths: readonly Rule[] = [
  { pattern: /(?<![\w.~-])(?:\/(?:home|Users)\/[^\s/"'\\:;,)\]]{1,64}|\/root(?![\w.-]))/g, by: '~' },
  // Backslashes are doubled by each layer of JSON.
  { pattern: /\b[A-Za-z]:(?:\\{1,4}|\/)Users(?:\\{1,4}|\/)[^\s/"'\\:;,)\]]{1,64}/g, by: '~' },
]

function redactValue(value: unknown, rules: readonly Rule[]): unknown {
  if (typeof value === 'string') return rules.reduce((text, { pattern, by }) => text.replaceAll(pattern, by), value)
  if (Array.isArray(value)) return value.map((item) => redactValue(item, rules))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, redactValue(item, rules)]))
}
