import { parse } from 'yaml'

import { recordOf } from './foreign-values.ts'

/**
 * Whose configuration a text is, when it is none of llmr's, by keys that stand in no other. Nothing where that is not sure.
 */
export function foreignConfig(text: string): 'llama-swap' | 'LiteLLM' | undefined {
  const config = recordOf(readYaml(text))
  if (Array.isArray(config['model_list'])) return 'LiteLLM'
  const isCommand = (model: unknown): boolean => recordOf(model)['cmd'] !== undefined
  return Object.values(recordOf(config['models'])).some(isCommand) ? 'llama-swap' : undefined
}

/** What to do about it. */
export function foreignAdvice(file: string, text: string): string | undefined {
  const program = foreignConfig(text)
  if (program === undefined) return undefined
  return `${file} is a configuration of ${program}: \`llmr profiles import ${file} > llmr.yaml\` makes one for llmr of it.`
}

function readYaml(text: string): unknown {
  try {
    return parse(text, { uniqueKeys: false, maxAliasCount: 1_000 })
  } catch {
    return undefined // no YAML is nobody's
  }
}
