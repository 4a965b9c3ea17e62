import { ChatStreamReader } from '../../backends/chat/chat-stream-reader.ts'
import type { ToolCallPart } from '../../core/chat/message.ts'
import { textOf } from '../../core/chat/message.ts'
import { type Reply, replyOf } from '../../core/chat/reply.ts'
import { mintId } from '../../core/identifier.ts'
import type { AgentTask } from './agent-task.ts'
import { agentTools, callTool } from './agent-tools.ts'

export interface AgentRun {
  /** The task is done, as its files and the answer say. */
  readonly isDone: boolean
  readonly turns: number
  readonly end: 'answered' | 'too many turns' | 'an error'
  readonly answer: string
}

export interface AgentOptions {
  readonly url: string
  readonly model: string
  readonly task: AgentTask
  /** So that what happened to its requests can be asked for. */
  readonly correlationId: string
  readonly turnsMax: number
  /** Of one reply. */
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

const systemText = 'You are a coding agent. Use the tools to do what is asked, then answer in a few words.'

/**
 * A plain agent, as clients have one: sends all that was said, streams the reply, runs its calls and tells what went wrong
 * with them, and takes a reply without calls for the answer.
 */
export async function runAgent(options: AgentOptions): Promise<AgentRun> {
  const { task, turnsMax } = options
  const files = new Map(Object.entries(task.files))
  const messages: unknown[] = [
    { role: 'system', content: systemText },
    { role: 'user', content: task.prompt },
  ]
  const ended = (turns: number, end: AgentRun['end'], answer: string): AgentRun => {
    return { isDone: task.isDone({ files, answer }), turns, end, answer }
  }
  for (let turn = 1; turn <= turnsMax; turn++) {
    let reply: Reply
    try {
      reply = await ask(options, messages)
    } catch (error) {
      options.signal.throwIfAborted()
      return ended(turn, 'an error', error instanceof Error ? error.message : String(error))
    }
    const text = textOf(reply.parts)
    const calls = reply.parts.filter((part) => part.type === 'tool-call')
    if (calls.length === 0) return ended(turn, 'answered', text)
    messages.push(messageOf(text, calls))
    for (const call of calls) messages.push({ role: 'tool', tool_call_id: call.id, content: callTool(call, files) })
  }
  return ended(turnsMax, 'too many turns', '')
}

async function ask(
  { url, model, correlationId, timeoutMs, signal }: AgentOptions,
  messages: readonly unknown[],
): Promise<Reply> {
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-correlation-id': correlationId },
    body: JSON.stringify({ model, messages, stream: true, temperature: 0, tools: agentTools.map(asFunction) }),
    signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
  })
  if (!response.ok) throw new Error(`${response.status}: ${(await response.text()).slice(0, 200)}`)
  const reader = new ChatStreamReader(mintId)
  const parts = []
  for await (const chunk of response.body ?? []) parts.push(...reader.push(Buffer.from(chunk)))
  return replyOf([...parts, ...reader.end()])
}

function asFunction({ name, description, parameters }: (typeof agentTools)[number]): object {
  return { type: 'function', function: { name, description, parameters } }
}

function messageOf(text: string, calls: readonly ToolCallPart[]): object {
  return {
    role: 'assistant',
    content: text === '' ? null : text,
    tool_calls: calls.map(({ id, name, argumentsText }) => ({
      id,
      type: 'function',
      function: { name, arguments: argumentsText },
    })),
  }
}
