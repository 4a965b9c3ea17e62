import { at, listAt, textAt } from '../../core/foreign-json.ts'
import { type ToolTrial, trialTool } from '../../core/tool-trial.ts'
import type { BackendApi } from '../adapter.ts'

export interface TrialOptions {
  readonly model: string
  /** Where chats go. */
  readonly path: string
}

/** Tokens of one reply. A model that thinks first has room to come to its call. */
const tokensMax = { forced: 64, others: 256 }

/**
 * Gives a model four small requests with tools, one after the other: some hundred tokens in all. The model must be in memory;
 * an engine that fails at one of them is asked the others all the same.
 *
 * @throws BackendFailure when the engine does not answer at all
 */
export async function tryTools(api: BackendApi, { model, path }: TrialOptions): Promise<readonly ToolTrial[]> {
  const ask = async (step: ToolTrial['step'], more: object): Promise<ToolTrial> => {
    const body = { model, stream: false, temperature: 0, max_tokens: tokensMax.others, tools: [tool], ...more }
    const { status, json } = await api.ask('POST', path, body)
    return { step, status, ...readReply(json) }
  }
  return [
    await ask('forced', { messages: [task], max_tokens: tokensMax.forced, tool_choice: chosen }),
    await ask('auto', { messages: [task] }),
    await ask('result', { messages: [task, called, result] }),
    await ask('required', { messages: [greeting], tool_choice: 'required', max_tokens: tokensMax.forced }),
  ]
}

function readReply(json: unknown): Pick<ToolTrial, 'message' | 'calls' | 'text'> {
  const message = at(json, 'choices', 0, 'message')
  const problem = textAt(json, 'error', 'message') ?? textAt(json, 'error')
  return {
    calls: listAt(message, 'tool_calls').map((call) => ({
      name: textAt(call, 'function', 'name') ?? '',
      argumentsText: textAt(call, 'function', 'arguments') ?? '',
    })),
    text: textAt(message, 'content') ?? '',
    ...(problem !== undefined && { message: problem }),
  }
}

const tool = { type: 'function', function: trialTool }
const chosen = { type: 'function', function: { name: trialTool.name } }
const task = { role: 'user', content: 'Read the harbour log of day 3 with the tool read_harbour_log.' }
const greeting = { role: 'user', content: 'Hello.' }
// Nine letters and digits: a template that looks at ids wants those.
const id = 'llmrtrial'
const called = {
  role: 'assistant',
  content: null,
  tool_calls: [{ id, type: 'function', function: { name: trialTool.name, arguments: '{"day": 3}' } }],
}
const result = { role: 'tool', tool_call_id: id, content: 'Day 3: 24 ships.' }
