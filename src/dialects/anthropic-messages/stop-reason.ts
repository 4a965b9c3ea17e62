import type { FinishReason } from '../../core/chat/reply-part.ts'

export interface Ending {
  readonly reason: FinishReason
  readonly stopSequence?: string
}

/** Why a message ended. `tool_use` makes agents look for calls, so it stands only where there are some. */
export function writeStop(
  { reason, stopSequence }: Ending,
  hasCalls: boolean,
): { stop_reason: string; stop_sequence: string | null } {
  if (reason === 'stop' && !hasCalls && stopSequence !== undefined) {
    return { stop_reason: 'stop_sequence', stop_sequence: stopSequence }
  }
  return { stop_reason: stopReason(reason, hasCalls), stop_sequence: null }
}

function stopReason(reason: FinishReason, hasCalls: boolean): string {
  switch (reason) {
    case 'length':
      return 'max_tokens'
    case 'filtered':
      return 'refusal'
    case 'stop':
    case 'calls':
      return hasCalls ? 'tool_use' : 'end_turn'
  }
}
