import type { Agent } from './agent.ts'

export const continueCli: Agent = {
  name: 'Continue',
  package: '@continuedev/cli',
  version: '1.5.47',
  command: 'cn',
  variable: 'LLMR_TEST_CONTINUE',
  dialect: 'OpenAI chat',
  files: ({ url }) => ({
    'config.yaml': `
name: llmr
version: 1.0.0
schema: v1
models:
  - name: m
    provider: openai
    model: m
    apiBase: ${url}/v1
    apiKey: any
    roles: [chat]
    capabilities: [tool_use]
`,
  }),
  env: () => ({ CONTINUE_TELEMETRY_ENABLED: '0' }),
  start: (prompt) => ['-p', '--auto', '--config', 'config.yaml', prompt],
  resume: (prompt) => ['-p', '--auto', '--config', 'config.yaml', '--resume', prompt],
  readCall: (file) => ({ name: 'Read', arguments: { filepath: file } }),
}
