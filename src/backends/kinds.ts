import type { BackendAdapter } from './adapter.ts'
import { llamaCpp } from './kinds/llama-cpp.ts'
import { llmr } from './kinds/llmr.ts'
import { lmStudio } from './kinds/lmstudio.ts'
import { ollama } from './kinds/ollama.ts'
import { openai } from './kinds/openai.ts'
import { vllm } from './kinds/vllm.ts'

export const adapters: readonly BackendAdapter[] = [llamaCpp, vllm, lmStudio, ollama, openai, llmr]
