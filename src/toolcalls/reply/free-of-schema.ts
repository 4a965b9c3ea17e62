import type { ChatRequest } from '../../core/chat/chat-request.ts'
import { answerOrder, offeredTools, withSystem } from '../inject/inject-tools.ts'

/**
 * Whether tools and a shape for the answer are asked for in one request: engines that make a mask of the shape let no call
 * through then, or refuse it.
 */
export function asksForBoth(request: ChatRequest): boolean {
  return request.responseFormat !== undefined && offeredTools(request).length > 0
}

/** The first pass: the model may call, and knows what is wanted in the end. */
export function freeOfSchema(request: ChatRequest): ChatRequest {
  const messages = withSystem(request.messages, answerOrder(request.responseFormat).join('\n\n'))
  return { ...request, responseFormat: undefined, messages }
}
