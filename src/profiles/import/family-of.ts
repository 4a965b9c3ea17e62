/**
 * Which of the shipped templates suits weights of this name; the first that matches, so the narrower stand above.
 * Undefined for a family that llmr brings no numbers for.
 */
export function familyOf(name: string): string | undefined {
  return families.find(({ pattern }) => pattern.test(name))?.template
}

export const families: readonly { readonly pattern: RegExp; readonly template: string }[] = [
  { pattern: /qwen3.*rerank/i, template: 'qwen3-reranker' },
  { pattern: /qwen3.*embed/i, template: 'qwen3-embedding' },
  { pattern: /qwen3[.-]?guard/i, template: 'qwen3-guard' },
  { pattern: /qwen-?3.*coder/i, template: 'qwen3-coder' },
  { pattern: /qwen-?3[.]?[56]/i, template: 'qwen3.5' },
  { pattern: /qwen-?3.*vl/i, template: 'qwen3-vl' },
  { pattern: /qwen-?3.*instruct/i, template: 'qwen3-instruct' },
  { pattern: /qwen-?3/i, template: 'qwen3' },
  { pattern: /qwen-?2\.5.*coder/i, template: 'qwen2.5-coder' },
  { pattern: /embedding-?gemma/i, template: 'embeddinggemma' },
  { pattern: /gemma-?4/i, template: 'gemma4' },
  { pattern: /gemma-?3/i, template: 'gemma3' },
  { pattern: /llama-?guard/i, template: 'llama-guard' },
  { pattern: /deepseek-?r1|r1-distill/i, template: 'deepseek-r1-distill' },
  { pattern: /llama-?4/i, template: 'llama4' },
  { pattern: /llama-?3/i, template: 'llama3' },
  { pattern: /devstral/i, template: 'devstral' },
  { pattern: /mistral-?small/i, template: 'mistral-small' },
  { pattern: /gpt-?oss/i, template: 'gpt-oss' },
  { pattern: /phi-?4.*reason/i, template: 'phi4-reasoning' },
  { pattern: /phi-?4/i, template: 'phi4' },
  { pattern: /glm-?4/i, template: 'glm4' },
  { pattern: /granite-?4/i, template: 'granite4' },
  { pattern: /nomic-embed/i, template: 'nomic-embed' },
  { pattern: /bge-reranker/i, template: 'bge-reranker' },
  { pattern: /bge-/i, template: 'bge' },
]
