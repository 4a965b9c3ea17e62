import { at, flagAt, listAt, numberAt, objectAt, textAt } from '../../core/foreign-json.ts'

/** What a response repeats of its request: programs find there what counted, defaults included. */
export function writeEcho(json: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return {
    background: false,
    instructions: instructionsOf(json),
    max_output_tokens: numberAt(json, 'max_output_tokens') ?? null,
    max_tool_calls: numberAt(json, 'max_tool_calls') ?? null,
    metadata: metadataOf(json),
    parallel_tool_calls: flagAt(json, 'parallel_tool_calls') ?? true,
    previous_response_id: textAt(json, 'previous_response_id') || null,
    reasoning: { effort: null, summary: null, ...objectAt(json, 'reasoning') },
    service_tier: 'default',
    store: flagAt(json, 'store') ?? true,
    temperature: numberAt(json, 'temperature') ?? null,
    text: { format: { type: 'text' }, ...objectAt(json, 'text') },
    tool_choice: at(json, 'tool_choice') ?? 'auto',
    tools: listAt(json, 'tools').map(writeTool),
    top_logprobs: 0,
    top_p: numberAt(json, 'top_p') ?? null,
    truncation: 'disabled',
    // These may be absent, but not null.
    ...textFields(json, ['prompt_cache_key', 'safety_identifier', 'user']),
  }
}

/** With the fields that SDKs want to find and clients may leave out. */
function writeTool(tool: unknown): unknown {
  const fields = objectAt(tool) ?? {}
  if (fields['type'] === 'function') return { parameters: null, strict: null, ...fields }
  return fields['type'] === 'namespace' ? { ...fields, tools: listAt(tool, 'tools').map(writeTool) } : tool
}

/** A map of texts, whatever a client puts there. */
export function metadataOf(json: unknown): Record<string, string> {
  return Object.fromEntries(
    Object.entries(objectAt(json, 'metadata') ?? {}).map(([key, value]) => [
      key,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  )
}

function instructionsOf(json: unknown): unknown {
  const instructions = at(json, 'instructions')
  return typeof instructions === 'string' || Array.isArray(instructions) ? instructions : null
}

function textFields(json: unknown, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name): [string, string][] => {
      const value = textAt(json, name)
      return value === undefined ? [] : [[name, value]]
    }),
  )
}
