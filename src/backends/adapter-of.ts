import type { BackendAdapter } from './adapter.ts'
import { adapters } from './kinds.ts'
import { openai } from './kinds/openai.ts'

const byKind = new Map(adapters.map((adapter) => [adapter.kind, adapter]))

/** A server of which nothing is known yet is taken to speak OpenAI's dialect. */
export function adapterOf(kind: string): BackendAdapter {
  return byKind.get(kind) ?? openai
}
