import type { Forgotten, ForgetWish } from '../core/memory-record.ts'
import { CliError } from './cli-error.ts'

/** One of both, as the command line says it. @throws CliError `invalid_flag` */
export function forgetWish({
  conversation,
  principal,
  tenant,
}: {
  readonly conversation: string | undefined
  readonly principal: string | undefined
  readonly tenant: string | undefined
}): ForgetWish {
  const bounds = tenant === undefined ? {} : { tenant }
  if (conversation !== undefined && principal === undefined) return { conversation, ...bounds }
  if (principal !== undefined && conversation === undefined) return { principal, ...bounds }
  throw new CliError('Expected the id of a conversation or --principal, and not both.', {
    code: 'invalid_flag',
    exitCode: 2,
  })
}

/** @throws CliError `nothing_found` */
export function somethingOf(forgotten: Forgotten): Forgotten {
  if (Object.values(forgotten).some((count: number) => count > 0)) return forgotten
  throw new CliError('There is nothing to forget.', {
    code: 'nothing_found',
    nextSteps: [
      '`llmr memory show ID` says which conversation a request or a name belongs to.',
      '`llmr memory search WORDS` shows the ids of conversations, and whose they are.',
    ],
  })
}
