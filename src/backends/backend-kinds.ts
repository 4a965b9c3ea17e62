/** What may stand as `kind` in the configuration, beside `auto`. Apart from the adapters, which to know the names takes none of. */
export const backendKinds: readonly string[] = ['llama.cpp', 'vllm', 'lmstudio', 'ollama', 'openai', 'llmr']
