import { at, listAt, parseForeignJson, textAt } from '../../../src/core/foreign-json.ts'
import { withoutUndefined } from '../../../src/core/without-undefined.ts'

export interface Asked {
  readonly messages: readonly AskedMessage[]
  readonly tools?: readonly unknown[]
  readonly effort?: unknown
  readonly schema?: unknown
  readonly maxTokens?: unknown
  readonly stop?: unknown
}

interface AskedMessage {
  readonly role: string | undefined
  readonly text?: string
  readonly thought?: string
  readonly image?: string
  readonly calls?: readonly { readonly name: string | undefined; readonly args: unknown }[]
  /** The name of the call, which every dialect has, where not every one has an id. */
  readonly answers?: string
}

/** What an engine was asked, without the ids that calls got on the way. */
export function readAsked(json: unknown): Asked {
  const names = new Map<unknown, string | undefined>()
  for (const call of listAt(json, 'messages').flatMap((message) => listAt(message, 'tool_calls'))) {
    names.set(at(call, 'id'), textAt(call, 'function', 'name'))
  }
  const tools = listAt(json, 'tools').map((tool) => textAt(tool, 'function', 'name'))
  return withoutUndefined({
    messages: listAt(json, 'messages').map((message) => readMessage(message, names)),
    tools: tools.length === 0 ? undefined : tools,
    effort: at(json, 'reasoning_effort'),
    schema: at(json, 'response_format', 'json_schema', 'schema'),
    maxTokens: at(json, 'max_tokens'),
    stop: [at(json, 'stop') ?? []].flat().at(0),
  })
}

function readMessage(message: unknown, names: ReadonlyMap<unknown, string | undefined>): AskedMessage {
  const parts = listAt(message, 'content')
  const calls = listAt(message, 'tool_calls').map((call) => ({
    name: textAt(call, 'function', 'name'),
    args: parseForeignJson(textAt(call, 'function', 'arguments') ?? ''),
  }))
  return withoutUndefined({
    role: textAt(message, 'role'),
    text: (textAt(message, 'content') ?? parts.map((part) => textAt(part, 'text') ?? '').join('')) || undefined,
    thought: textAt(message, 'reasoning_content'),
    image: parts.map((part) => textAt(part, 'image_url', 'url')).find((url) => url !== undefined),
    calls: calls.length === 0 ? undefined : calls,
    answers: textAt(message, 'role') === 'tool' ? names.get(at(message, 'tool_call_id')) : undefined,
  })
}
