import { listAt, parseForeignJson, textAt } from '../../core/foreign-json.ts'
import type { Script } from '../../sim/engine-options.ts'
import type { ReceivedRequest } from '../../sim/request-log.ts'
import type { AgentTask } from './agent-task.ts'
import { type WeakHabit, weakTurn } from './weak-turn.ts'

/** What a simulated engine answers in place of a model with this habit. */
export function scriptedTurn(habit: WeakHabit, task: AgentTask, { path, text }: ReceivedRequest): Script | undefined {
  if (path !== '/v1/chat/completions') return undefined
  const body = parseForeignJson(text)
  return weakTurn(habit, task, {
    seen: listAt(body, 'messages').map(textOfMessage).join('\n'),
    offered: listAt(body, 'tools').map((tool) => textAt(tool, 'function', 'name') ?? ''),
  })
}

/** The model does not learn from its own words. */
function textOfMessage(message: unknown): string {
  if (textAt(message, 'role') === 'assistant') return ''
  const parts = listAt(message, 'content').map((part) => textAt(part, 'text') ?? '')
  return textAt(message, 'content') ?? parts.join('')
}
