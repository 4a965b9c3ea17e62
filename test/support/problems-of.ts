import { ConfigError } from '../../src/config/config-error.ts'
import type { ConfigProblem } from '../../src/config/config-error.ts'
import { parseConfig } from '../../src/config/parse-config.ts'
import type { ParseConfigOptions, ParsedConfig } from '../../src/config/parse-config.ts'

type Options = Partial<Omit<ParseConfigOptions, 'text'>>

export function parse(text: string, options: Options = {}): ParsedConfig {
  return parseConfig({ text, file: 'llmr.yaml', backendKinds: ['llama.cpp', 'vllm', 'ollama'], env: {}, ...options })
}

/** What is wrong with a text; anything thrown but a ConfigError is a failure of the test. */
export function problemsOf(text: string, options: Options = {}): readonly ConfigProblem[] {
  try {
    parse(text, options)
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
}

/** `line:column path message`, which is what most claims are about. */
export function linesOf(text: string, options: Options = {}): readonly string[] {
  return problemsOf(text, options).map(({ line, column, path, message }) => `${line}:${column} ${path}: ${message}`)
}
