import { BackendFailure } from '../failure.ts'
import type { ProbeCheck, ProbeStep } from './probe-report.ts'

/** A step that the backend did not get through. Anything that is not the backend's doing is thrown on. */
export function checkFailure(error: unknown, { step, model }: { step: ProbeStep; model?: string }): ProbeCheck {
  if (!(error instanceof BackendFailure)) throw error
  const detail = hasDied(error)
    ? `The model is listed, but the engine died while it computed: a build for another CPU or GPU, or too little memory. ${error.message}`
    : error.message
  return { step, outcome: 'failed', detail, ...(model !== undefined && { model }) }
}

function hasDied({ causeClass, url }: BackendFailure): boolean {
  const isInference = url.includes('/v1/') && !url.endsWith('/v1/models')
  return isInference && (causeClass === 'died_before_reply' || causeClass === 'died_mid_stream')
}
