import type { Agent } from './agent.ts'

const opencode: Omit<Agent, 'dialect' | 'files'> = {
  name: 'opencode',
  package: 'opencode-ai',
  version: '1.18.33',
  command: 'opencode',
  variable: 'LLMR_TEST_OPENCODE',
  env: () => ({ OPENCODE_DISABLE_AUTOUPDATE: '1', OPENCODE_DISABLE_MODELS_FETCH: '1' }),
  start: (prompt) => ['run', prompt],
  resume: (prompt) => ['run', '-c', prompt],
  readCall: (file) => ({ name: 'read', arguments: { filePath: file } }),
}

/** It speaks three dialects, each by a package of the AI SDK. */
function speaking(dialect: string, npm: string): Agent {
  return {
    ...opencode,
    dialect,
    files: ({ url }) => ({
      'opencode.json': JSON.stringify({
        permission: { edit: 'allow' },
        model: 'llmr/m',
        small_model: 'llmr/small',
        provider: {
          llmr: {
            npm,
            options: { baseURL: `${url}/v1`, apiKey: 'any' },
            models: Object.fromEntries(
              ['m', 'small'].map((name) => [name, { limit: { context: 200_000, output: 8_192 } }]),
            ),
          },
        },
      }),
    }),
  }
}

export const opencodeChat = speaking('OpenAI chat', '@ai-sdk/openai-compatible')
export const opencodeResponses = speaking("OpenAI's responses", '@ai-sdk/openai')
export const opencodeMessages = speaking("Anthropic's messages", '@ai-sdk/anthropic')
