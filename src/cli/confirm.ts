import { CliError } from './cli-error.ts'

/**
 * Asks the person at the terminal before something that cannot be undone.
 *
 * @param what as a question without its end: `Forget 3 conversations`
 * @throws CliError `confirmation_needed` where nobody is there to be asked; `not_confirmed` for any other answer than yes
 */
export async function confirm(what: string): Promise<void> {
  if (!process.stdin.isTTY) {
    throw new CliError(`${what}? There is no way back, and nobody at a terminal to be asked.`, {
      code: 'confirmation_needed',
      exitCode: 2,
      nextSteps: ['Say --yes, or look first what it would be with --dry-run.'],
    })
  }
  const { createInterface } = await import('node:readline/promises')
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  const left = new Promise<string>((resolve) => terminal.once('close', () => resolve('')))
  const answer = await Promise.race([terminal.question(`${what}? There is no way back. [y/N] `), left])
  terminal.close()
  if (!/^y(?:es)?$/i.test(answer.trim())) throw new CliError('Nothing was forgotten.', { code: 'not_confirmed' })
}
