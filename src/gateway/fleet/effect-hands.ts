import { LlmrError } from '../../core/error.ts'
import type { Logger } from '../../core/logger.ts'
import type { Supervisor } from '../../lifecycle/supervisor/supervisor.ts'
import type { RefuseEffect } from '../../scheduling/scheduler-effect.ts'
import type { OutwardEffect } from './scheduler-loop.ts'
import type { Turns } from './turns.ts'

export interface Hands {
  readonly turns: Turns
  readonly supervisor: Supervisor
  readonly logger: Logger
  /** Whom it was served to has left: its place must not stay taken. */
  readonly onServedNobody: (requestId: string) => void
}

/** Has done what the scheduler wishes. */
export function effectHands({ turns, supervisor, logger, onServedNobody }: Hands): (effect: OutwardEffect) => void {
  let hasPolicyFailed = false
  return (effect) => {
    switch (effect.type) {
      case 'serve':
        if (!turns.serve(effect.requestId)) onServedNobody(effect.requestId)
        break
      case 'refuse':
        turns.refuse(effect.requestId, refusal(effect))
        break
      case 'start':
      case 'stop':
        logger.info(
          { model: effect.model, because: effect.because },
          effect.type === 'start' ? 'a model is loaded' : 'a model is unloaded',
        )
        supervisor.carryOut(effect)
        break
      case 'prefetch':
        supervisor.carryOut(effect)
        break
      case 'policyFailed':
        // Once: a policy is asked after every event, and one that fails mostly fails every time.
        if (!hasPolicyFailed) {
          logger.error({ reason: effect.message }, 'the scheduling policy failed; the default decides then')
        }
        hasPolicyFailed = true
        break
    }
  }
}

function refusal({ code, message, retryAfterMs }: RefuseEffect): LlmrError {
  const retryAfterSeconds = retryAfterMs === undefined ? undefined : Math.ceil(retryAfterMs / 1000)
  return new LlmrError(code, message, { retryAfterSeconds })
}
