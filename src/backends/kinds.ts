/** The kinds of backend that this folder has adapters for; the configuration accepts these and `auto`. */
export const backendKinds = ['llama.cpp', 'vllm', 'lmstudio', 'ollama', 'openai', 'llmr'] as const
