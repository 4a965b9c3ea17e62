import type { Agent } from './agent.ts'

/** How long it waits for the next event; comments do not count. */
export const codexPatienceMs = 1_500

const flags = ['--skip-git-repo-check', '--dangerously-bypass-approvals-and-sandbox']

export const codex: Agent = {
  name: 'Codex',
  package: '@openai/codex',
  version: '0.169.0',
  command: 'codex',
  variable: 'LLMR_TEST_CODEX',
  dialect: "OpenAI's responses",
  files: ({ url }) => ({
    '.codex/config.toml': `
model = "m"
model_provider = "llmr"
check_for_update_on_startup = false
[analytics]
enabled = false
[model_providers.llmr]
name = "llmr"
base_url = "${url}/v1"
env_key = "LLMR_KEY"
wire_api = "responses"
stream_max_retries = 1
stream_idle_timeout_ms = ${codexPatienceMs}
`,
  }),
  env: () => ({ LLMR_KEY: 'any' }),
  start: (prompt) => ['exec', ...flags, prompt],
  resume: (prompt) => ['exec', 'resume', '--last', ...flags, prompt],
  readCall: (file) => ({ name: 'exec_command', arguments: { cmd: `cat ${file}` } }),
}
