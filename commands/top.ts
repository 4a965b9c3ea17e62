import { Flags } from '@oclif/core'

import { LlmrCommand } from '../src/cli/command.ts'
import { gatewayFlags } from '../src/cli/gateway-flags.ts'
import type { TopSnapshot } from '../src/tui/top/top-snapshot.ts'

export default class Top extends LlmrCommand {
  static override summary = 'Watch a gateway: models and memory, who waits and how long, the last requests.'
  static override description =
    'Fills the terminal and follows the gateway until q, Escape or Ctrl-C. Where the output is no terminal, or with ' +
    '--once, what it shows is printed once.'
  static override examples = [
    '<%= config.bin %> top',
    { description: 'One look, for a script', command: '<%= config.bin %> top --json' },
  ]
  static override flags = {
    interval: Flags.integer({
      summary: 'Seconds between looks.',
      default: 1,
      min: 1,
      max: 3_600,
      helpValue: 'SECONDS',
    }),
    once: Flags.boolean({ summary: 'Print what there is to see, and end.' }),
    ...gatewayFlags,
  }

  async run(): Promise<unknown> {
    const { flags } = await this.parse(Top)
    const read = await readerOf(flags)
    const first = await read()
    if (this.jsonEnabled()) return first
    if (flags.once || !process.stdout.isTTY) {
      const { printTop } = await import('../src/tui/top/print-top.ts')
      this.log(printTop(first, process.stdout.columns ?? plainColumns))
      return first
    }
    const { openTop } = await import('../src/tui/top/open-top.ts')
    const termination = new AbortController()
    process.once('SIGTERM', () => termination.abort())
    await openTop({ first, read, intervalMs: flags.interval * 1_000, signal: termination.signal })
    return first
  }
}

const plainColumns = 120

/** The one place that knows where it comes from. */
async function readerOf(flags: { readonly url?: string; readonly data?: string }): Promise<() => Promise<TopSnapshot>> {
  const { askRunningGateway } = await import('../src/gateway/operating/ask-running-gateway.ts')
  const { CliError } = await import('../src/cli/cli-error.ts')
  const { readTop } = await import('../src/tui/top/read-top.ts')
  const ask = (path: string): Promise<unknown> => askRunningGateway({ ...flags, path })
  /** A gateway that starts no engines has no queue. */
  const askQueue = async (): Promise<unknown> => {
    try {
      return await ask('queue')
    } catch (error) {
      if (error instanceof CliError && error.code === 'gateway_failed') return undefined
      throw error
    }
  }
  return async () => {
    const [status, queue, requests] = await Promise.all([ask('status'), askQueue(), ask('requests')])
    return readTop({ status, queue, requests }, Date.now())
  }
}
