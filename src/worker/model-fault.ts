import { BackendFailure } from '../backends/failure.ts'

/**
 * What a model's failure may say of what it was asked. `refused`: perhaps this is at fault; `died`: perhaps it is what ends
 * the engine each time; `away`: nothing, the model cannot be had.
 */
export function modelFault(error: unknown): 'refused' | 'died' | 'away' {
  if (!(error instanceof BackendFailure)) return 'away'
  switch (error.causeClass) {
    case 'rejected':
    case 'server_error':
    case 'malformed':
      return 'refused'
    case 'died_before_reply':
    case 'died_mid_stream':
      return 'died'
    default:
      return 'away'
  }
}

/** Only this is at fault: the model did what else it was asked, and would refuse this again. */
export class InputRefused extends Error {
  override readonly name = 'InputRefused'
}
