import { CliError } from './cli-error.ts'

/** What went wrong with the stored keys, in words that end in something to do. For `catch`. */
export function keysFailure(thrown: unknown): never {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown))
  const code = 'code' in error && typeof error.code === 'string' ? error.code : 'failed'
  throw new CliError(error.message, { code, nextSteps: nextSteps[code] ?? elsewhere, cause: error })
}

const elsewhere = ['Choose another data folder with --data or LLMR_DATA, or see to the owner and mode of this one.']

const nextSteps: Readonly<Record<string, readonly string[]>> = {
  invalid_request: [
    '`llmr keys list` shows the keys there are; those in llmr.yaml (auth.keys) are changed there.',
    '`llmr keys create --help` says what a key can have.',
  ],
  invalid_config: ['Put the file right or restore it. Deleting it revokes every key in it.'],
}
