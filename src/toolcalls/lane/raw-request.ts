import type { ChatRequest } from '../../core/chat/chat-request.ts'
import { answerOrder, offeredTools, withoutGrammar, withSystem } from '../inject/inject-tools.ts'

/**
 * A request as its template is to tell it: the tools that may be called, and nothing by which the engine would force a form.
 * What has to be said is said in words, and held to by a grammar of llmr's own.
 */
export function rawRequest(request: ChatRequest): ChatRequest {
  const offered = offeredTools(request)
  const order = offered.length === 0 ? [] : answerOrder(request.responseFormat)
  return {
    ...request,
    tools: offered,
    toolChoice: undefined,
    // A mask for the answer would make every call impossible.
    responseFormat: offered.length === 0 ? request.responseFormat : undefined,
    extras: withoutGrammar(request.extras),
    messages: order.length === 0 ? request.messages : withSystem(request.messages, order.join('\n')),
  }
}
