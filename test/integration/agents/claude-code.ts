import type { Agent } from './agent.ts'

export const claudeCode: Agent = {
  name: 'Claude Code',
  package: '@anthropic-ai/claude-code',
  version: '2.1.197',
  command: 'claude',
  variable: 'LLMR_TEST_CLAUDE_CODE',
  dialect: "Anthropic's messages",
  files: () => ({}),
  env: ({ url }) => ({
    ANTHROPIC_BASE_URL: url,
    ANTHROPIC_AUTH_TOKEN: 'any',
    ANTHROPIC_MODEL: 'm',
    ANTHROPIC_SMALL_FAST_MODEL: 'small',
    DISABLE_TELEMETRY: '1',
    DISABLE_ERROR_REPORTING: '1',
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
  }),
  start: (prompt) => ['-p', prompt, '--allowedTools', 'Read'],
  resume: (prompt) => ['-c', '-p', prompt],
  readCall: (file) => ({ name: 'Read', arguments: { file_path: file } }),
}
