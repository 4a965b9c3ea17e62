import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Vectors of other projects' parsers. Not shipped: read where they lie, skipped by name where they do not. */
const folder = process.env['LLMR_TEST_CORPORA'] ?? join(import.meta.dirname, '../../../../shared/corpora')

export const corpusFile = (name: string): string | undefined => {
  const path = join(folder, name)
  return existsSync(path) ? path : undefined
}

export interface CorpusRow {
  readonly id: string
  readonly source: { readonly peer: string; readonly test: string }
  readonly format: string
  readonly family: string
  readonly layer: 'tool' | 'reasoning' | 'both'
  readonly kind: 'full' | 'stream'
  readonly cls: 'normal' | 'malformed'
  readonly input: string
  readonly chunks?: readonly string[]
  readonly expected: {
    readonly content: string
    readonly reasoning: string
    readonly tool_calls: readonly { readonly name: string; readonly arguments: unknown }[]
  }
  readonly tools?: readonly CorpusTool[]
  readonly options?: {
    readonly template?: string
    readonly generation_prompt?: string
    readonly reasoning_format?: string
    readonly starts_in_reasoning?: boolean
    readonly hasThinking?: boolean
    readonly hasThinkingSupport?: boolean
    readonly thinkingEnabled?: boolean
    readonly continue_final_message?: number
    readonly json_schema?: string
  }
}

export interface CorpusTool {
  readonly function?: CorpusTool
  readonly name?: string
  readonly parameters?: Readonly<Record<string, unknown>> | null
}

export function readRows<Row>(path: string): Row[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Row)
}
