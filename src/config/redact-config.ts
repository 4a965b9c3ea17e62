import { describeSchema } from './describe-schema.ts'
import type { Shape } from './describe-schema.ts'
import { mapLeaves } from './map-leaves.ts'
import { configSchema } from './schema.ts'
import type { Config } from './schema.ts'
import { formatDuration, formatSize } from './units.ts'

/** Stands where a secret was. */
const mask = '***'

/**
 * The configuration as it would be written in llmr.yaml, every default filled in, secrets masked. Values that hold no
 * secret are valid in a file again.
 */
export function redactConfig(config: Config): unknown {
  const shape = describeSchema(configSchema([])) // the kinds of backends do not matter here
  const { profiles, ...rest } = config
  return { ...redact(rest, shape, escapeVariables), ...redact({ profiles }, shape, escapeMacros) }
}

function redact(value: object, shape: Shape, escape: (text: string) => string): object {
  const redacted = mapLeaves(value, shape, (leaf, wanted) => {
    if (wanted?.isSecret === true) return mask
    if (typeof leaf === 'number' && wanted?.kind === 'duration') return formatDuration(leaf)
    if (typeof leaf === 'number' && wanted?.kind === 'size') return formatSize(leaf)
    return typeof leaf === 'string' ? escape(withoutLogin(leaf)) : leaf
  })
  return typeof redacted === 'object' && redacted !== null ? redacted : {}
}

/** `https://user:password@host` in any text. */
function withoutLogin(text: string): string {
  return text.replace(/:\/\/.*@/s, `://${mask}@`)
}

function escapeVariables(text: string): string {
  return text.replaceAll('${', () => '$${') // a plain replacement text reads $$ as $
}

/** What is put in at the launch stands in a profile as it does in the file. */
function escapeMacros(text: string): string {
  return text.replaceAll(/(?<!\$)\$\{(?!(?:PORT|PID)\})/g, () => '$${')
}
