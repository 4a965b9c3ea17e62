import { backendKinds } from '../../src/backends/backend-kinds.ts'
import { parseConfig } from '../../src/config/parse-config.ts'
import type { Config } from '../../src/config/schema.ts'

/** llmr.yaml as a worker reads it. */
export function workerConfig(yaml: string): Config {
  return parseConfig({ text: yaml, file: 'llmr.yaml', backendKinds, env: {} }).config
}
