import { Command } from '@oclif/core'

import { CliError } from './cli-error.ts'

/**
 * What every command shares: `--json` prints one object with a `schema` field, data goes to stdout and words to stderr,
 * and an error names its code and what to do next.
 */
export abstract class LlmrCommand extends Command {
  static override enableJsonFlag = true

  /** The command worked and has something to report that a script should notice. */
  protected foundSomething(): void {
    process.exitCode = 3
  }

  protected override toSuccessJson(result: unknown): unknown {
    const schema = `llmr/${(this.id ?? '').replaceAll(':', '-')}/1`
    return typeof result === 'object' && result !== null ? { schema, ...result } : { schema, result }
  }

  /** A fixed list: oclif would print every own field of the error, secrets in a cause included. */
  protected override toErrorJson(thrown: unknown): unknown {
    const error = describe(thrown)
    return { schema: 'llmr/error/1', error: { code: error.code, message: error.message, next_steps: error.nextSteps } }
  }

  protected override async catch(thrown: Error & { exitCode?: number }): Promise<unknown> {
    if (this.jsonEnabled() || !(thrown instanceof CliError)) return super.catch(thrown)
    this.logToStderr(`Error: ${thrown.message}`)
    for (const step of thrown.nextSteps) this.logToStderr(`  → ${step}`)
    process.exitCode = thrown.oclif.exit
    return undefined
  }
}

function describe(thrown: unknown): { code: string; message: string; nextSteps: readonly string[] } {
  if (thrown instanceof CliError) return thrown
  const error = thrown instanceof Error ? thrown : new Error(String(thrown))
  const code = 'code' in error && typeof error.code === 'string' ? error.code : 'failed'
  return { code, message: error.message, nextSteps: [] }
}
