import { listAt, numberAt, parseForeignJson, textAt } from '../../../src/core/foreign-json.ts'

const turnsMax = 10

const tools = [
  { name: 'read', properties: { path: { type: 'string' }, limit: { type: 'integer' } }, required: ['path'] },
  { name: 'list', properties: {}, required: [] },
].map(({ name, properties, required }) => ({
  type: 'function',
  function: { name, description: `Will ${name}.`, parameters: { type: 'object', properties, required } },
}))

/**
 * A plain agent: sends what was said so far, runs the calls it gets, strictly, and takes text for the answer.
 *
 * @returns `undefined` when it gave up
 */
export async function runAgent(
  url: string,
  task: string,
  files: ReadonlyMap<string, string>,
): Promise<string | undefined> {
  const messages: unknown[] = [{ role: 'user', content: task }]
  for (let turn = 0; turn < turnsMax; turn++) {
    const body = JSON.stringify({ model: 'weak', messages, tools })
    const reply: unknown = await (await fetch(`${url}/v1/chat/completions`, { method: 'POST', body })).json()
    const [choice] = listAt(reply, 'choices')
    const calls = listAt(choice, 'message', 'tool_calls')
    if (calls.length === 0) return textAt(choice, 'message', 'content')
    messages.push({ role: 'assistant', content: null, tool_calls: calls })
    for (const call of calls) {
      messages.push({ role: 'tool', tool_call_id: textAt(call, 'id'), content: resultOf(call, files) })
    }
  }
  return undefined
}

function resultOf(call: unknown, files: ReadonlyMap<string, string>): string {
  const name = textAt(call, 'function', 'name')
  const given = parseForeignJson(textAt(call, 'function', 'arguments') ?? '')
  if (name === 'list') return [...files.keys()].join('\n')
  if (name !== 'read') return `Error: unknown tool ${name}`
  const path = textAt(given, 'path')
  const limit = textAt(given, 'limit') === undefined ? numberAt(given, 'limit') : Number.NaN
  if (path === undefined || Number.isNaN(limit)) return 'Error: invalid arguments'
  return files.get(path) ?? `Error: no such file ${path}`
}
