import type { ChatRequest } from '../../core/chat/chat-request.ts'
import type { ToolLane } from '../../core/tool-lane.ts'
import type { CallStyle } from '../inject/call-style.ts'
import { injectTools } from '../inject/inject-tools.ts'
import { rawRequest } from './raw-request.ts'

/** A request with tools as it goes to the engine on this lane. */
export function requestOfLane(request: ChatRequest, lane: ToolLane, style: CallStyle): ChatRequest {
  switch (lane) {
    case 'native':
    case 'checked':
      return request
    case 'raw':
      return rawRequest(request)
    case 'injected':
      return injectTools(request, style)
    case 'final':
      return injectTools({ ...request, toolChoice: 'none' }, style)
  }
}
