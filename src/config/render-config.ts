import { stringify } from 'yaml'

import { redactConfig } from './redact-config.ts'
import type { Config } from './schema.ts'

/** The effective configuration as YAML, for reading and for copying from. Secrets are masked. */
export function renderConfig(config: Config): string {
  return stringify(redactConfig(config), { lineWidth: 0 })
}
