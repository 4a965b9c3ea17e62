import { Flags } from '@oclif/core'

import { LlmrCommand } from '../src/cli/command.ts'
import { configFlag } from '../src/cli/config-flag.ts'

export default class Serve extends LlmrCommand {
  static override summary = 'Run the gateway.'
  static override description =
    'Answers OpenAI clients on 127.0.0.1:8411 and sends their requests to the engines named in llmr.yaml. Without a ' +
    'configuration it looks for engines on the usual ports of this machine; if there is none, it starts a simulated ' +
    'one, which says so.\n\nThe configuration is followed while it runs: a changed file or SIGHUP is taken over ' +
    'without cutting a stream. SIGTERM lets replies finish.'
  static override examples = [
    '<%= config.bin %> serve',
    {
      description: 'On another port, with a file',
      command: '<%= config.bin %> serve --port 9000 --config ./llmr.yaml',
    },
  ]
  static override enableJsonFlag = false
  static override flags = {
    config: configFlag,
    host: Flags.string({ summary: 'Address to bind, instead of listen.host.', env: 'LLMR_HOST', helpValue: 'ADDRESS' }),
    port: Flags.integer({
      char: 'p',
      summary: 'Port to bind, instead of listen.port; 0 takes a free one.',
      env: 'LLMR_PORT',
      min: 0,
      max: 65535,
    }),
    data: Flags.string({
      summary: 'Folder for what llmr makes: keys and its own address.',
      description: 'Default: LLMR_DATA, $STATE_DIRECTORY, ~/.local/share/llmr.',
      helpValue: 'DIR',
    }),
  }

  async run(): Promise<void> {
    const { flags } = await this.parse(Serve)
    const { runGateway } = await import('../src/gateway/configure/run-gateway.ts')
    const { formatGreeting } = await import('../src/cli/greeting.ts')
    const { explainStart } = await import('../src/cli/explain-start.ts')
    const { workerSet } = await import('../workers/worker-set.ts')
    const { version } = this.config

    try {
      await runGateway({
        flags,
        version,
        workers: workerSet,
        onReady: (gateway, { configFile }) => {
          const { url, fleet } = gateway
          const backends = fleet.all.map((backend) => backend.standing())
          const facts = {
            version,
            url,
            configFile,
            backends,
            isSimulated: gateway.isSimulated(),
            isAuthRequired: gateway.isAuthRequired(),
            models: gateway.modelNames(),
          }
          this.logToStderr(formatGreeting(facts))
        },
      })
    } catch (error) {
      throw explainStart(error, flags)
    }
  }
}
