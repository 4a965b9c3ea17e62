import { askChat } from '../ask-chat.ts'
import type { BackendAdapter } from '../adapter.ts'
import type { Connection } from '../connection.ts'
import { type Deadline, openApi } from '../describe-backend.ts'
import { parseForeignJson } from '../../core/foreign-json.ts'
import type { ModelDescription } from '../../core/model.ts'
import { checkFailure } from './check-failure.ts'
import type { ProbeCheck } from './probe-report.ts'

const tool = {
  name: 'read_harbour_log',
  description: 'Returns the log of the harbour for one day.',
  parameters: { type: 'object', properties: { day: { type: 'integer' } }, required: ['day'] },
} as const

const messages = [{ role: 'user', content: 'Read the harbour log of day 3. Use the tool.' }] as const

interface ToolsQuestion {
  readonly connection: Connection
  readonly adapter: BackendAdapter
  readonly model: ModelDescription
  readonly deadline: Deadline
}

/**
 * Whether tools reach the model: seen in the prompt where the engine shows one, which is exact and free; else by a
 * request that no model trained for tools answers without a call.
 */
export async function checkTools(question: ToolsQuestion): Promise<ProbeCheck> {
  const { model, adapter } = question
  const check = { step: 'tools', model: model.id } as const
  if (model.capabilities.tools === false) {
    return { ...check, outcome: 'skipped', detail: 'the engine says that this model takes no tools' }
  }
  try {
    return { ...check, ...(await (adapter.renderPrompt === undefined ? askForCall(question) : readPrompt(question))) }
  } catch (error) {
    return checkFailure(error, check)
  }
}

type Judgement = Pick<ProbeCheck, 'outcome' | 'detail'>

async function readPrompt({ connection, adapter, model, deadline }: ToolsQuestion): Promise<Judgement> {
  const body = { messages, tools: [{ type: 'function', function: tool }] }
  const prompt = await adapter.renderPrompt?.(openApi(connection, deadline), { model: model.id, body })
  if (prompt?.includes(tool.name) === true) {
    return { outcome: 'passed', detail: 'the chat template shows tools to the model' }
  }
  const detail =
    'The chat template leaves tools out, so the model never sees them: start the engine with a template for tools.'
  return { outcome: 'finding', detail }
}

async function askForCall({ connection, model, deadline }: ToolsQuestion): Promise<Judgement> {
  const request = { model: model.id, messages, tools: [tool], maxTokens: 512, temperature: 0 }
  const { toolCalls } = await askChat(connection, request, deadline)
  const call = toolCalls.find(({ name }) => name === tool.name)
  if (call === undefined) {
    const detail =
      'The model was given a tool and told to use it, and did not: it is not trained for tools, or the engine lacks the parser for its calls.'
    return { outcome: 'finding', detail }
  }
  if (parseForeignJson(call.arguments) !== undefined) return { outcome: 'passed', detail: 'calls a tool when told to' }
  return { outcome: 'finding', detail: 'The model calls tools, but with arguments that are not JSON.' }
}
