import { describeSchema } from './describe-schema.ts'
import { mapLeaves } from './map-leaves.ts'
import { configSchema } from './schema.ts'
import type { Config } from './schema.ts'
import { formatDuration, formatSize } from './units.ts'

/** Stands where a secret was. */
export const mask = '***'

/**
 * The configuration as it would be written in llmr.yaml, every default filled in, secrets masked. Values that hold no
 * secret are valid in a file again.
 */
export function redactConfig(config: Config): unknown {
  const shape = describeSchema(configSchema([])) // the kinds of backends do not matter here
  return mapLeaves(config, shape, (leaf, wanted) => {
    if (wanted?.isSecret === true) return mask
    if (typeof leaf === 'number' && wanted?.kind === 'duration') return formatDuration(leaf)
    if (typeof leaf === 'number' && wanted?.kind === 'size') return formatSize(leaf)
    return typeof leaf === 'string' ? escapeVariables(withoutLogin(leaf)) : leaf
  })
}

/** `https://user:password@host` in any text. */
function withoutLogin(text: string): string {
  return text.replace(/:\/\/.*@/s, `://${mask}@`)
}

function escapeVariables(text: string): string {
  return text.replaceAll('${', () => '$${') // a plain replacement text reads $$ as $
}
