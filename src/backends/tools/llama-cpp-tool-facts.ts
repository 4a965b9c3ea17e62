import { textAt } from '../../core/foreign-json.ts'
import { probeCall, probeText, type ToolFacts } from '../../core/tool-facts.ts'
import { withoutUndefined } from '../../core/without-undefined.ts'
import type { BackendApi } from '../adapter.ts'

/**
 * Renders small chats with the model's template, which costs no token. Seen this way is also what an operator made of the
 * template, and what a flag of the server's promises and does not keep.
 */
export async function llamaCppToolFacts(api: BackendApi, model: string): Promise<ToolFacts> {
  const props = await api.ask('GET', `/props?model=${encodeURIComponent(model)}&autoload=false`)
  const render = async (chat: object): Promise<string | undefined> => {
    const { status, json } = await api.ask('POST', '/apply-template?autoload=false', { model, ...chat })
    return status === 200 ? textAt(json, 'prompt') : undefined
  }
  const [plain, offered, open, text, call] = await Promise.all([
    render({ messages: [question] }),
    render({ messages: [question], tools: [tool] }),
    render({ messages: [question], add_generation_prompt: false }),
    render({ messages: [question, { role: 'assistant', content: probeText }, thanks], tools: [tool] }),
    render({ messages: [question, { role: 'assistant', content: null, tool_calls: [called] }, thanks], tools: [tool] }),
  ])
  return withoutUndefined({
    chatTemplate: textAt(props.json, 'chat_template'),
    // A template that fails at tools shows them to nobody.
    rendersTools: plain === undefined ? undefined : (offered?.includes(probeCall.name) ?? false),
    takesPrompts: plain !== undefined,
    generationPrompt: open !== undefined && plain?.startsWith(open) === true ? plain.slice(open.length) : undefined,
    renderings: text === undefined || call === undefined ? undefined : { text, call },
  })
}

const question = { role: 'user', content: 'llmr_asked' }
const thanks = { role: 'user', content: 'llmr_thanks' }

const tool = {
  type: 'function',
  function: {
    name: probeCall.name,
    description: 'Does nothing.',
    parameters: { type: 'object', properties: { [probeCall.key]: { type: 'string' } }, required: [probeCall.key] },
  },
}

const called = {
  // Nine letters and digits: a template that looks at ids wants those.
  id: 'llmrprobe',
  type: 'function',
  function: { name: probeCall.name, arguments: JSON.stringify({ [probeCall.key]: probeCall.value }) },
}
