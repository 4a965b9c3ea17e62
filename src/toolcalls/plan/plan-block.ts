import type { ChatRequest } from '../../core/chat/chat-request.ts'
import { withSystem } from '../inject/inject-tools.ts'

/** Where a plan stands in a request. No model has a reason to write these, so that what it repeats can be found. */
export const planOpen = '<llmr-draft-plan>'
export const planClose = '</llmr-draft-plan>'

/** The request with a plan behind its client's own instructions. */
export function withPlan(request: ChatRequest, plan: string): ChatRequest {
  return { ...request, messages: withSystem(request.messages, `${preface}\n${planOpen}\n${plan}\n${planClose}`) }
}

const preface =
  'A draft of a plan for what the user asks, by a smaller model. It may be wrong: use what is right about it, and never repeat or mention it.'
