import type { Script } from '../../../sim/engine-options.ts'

/** A call that was meant. */
interface Meant {
  readonly name: string
  readonly args: Readonly<Record<string, unknown>>
  /** The arguments, as they should be written. */
  readonly json: string
}

export interface Fault {
  readonly what: string
  readonly write: (meant: Meant) => Script
}

/** What small models are seen to do with a call: wrong in the engine's own calls, or in the text where it stands. */
export const faultTable: readonly Fault[] = [
  // Arguments that are no JSON.
  inArguments('the last bracket missing', ({ json }) => json.replace(/\}$/, '')),
  inArguments('smart quotes', ({ json }) => json.replaceAll(/"([^"\\]*)"/g, '“$1”')),
  inArguments('line breaks as they are', ({ json }) => json.replaceAll(String.raw`\n`, '\n')),
  inArguments('keys without quotes', ({ json }) => json.replaceAll(/"(\w+)":/g, '$1:')),
  inArguments('in a fence', ({ json }) => `\`\`\`json\n${json}\n\`\`\``),
  inArguments('a bracket too many', ({ json }) => `${json}}`),
  // Arguments of another shape.
  inArguments('encoded twice', ({ json }) => JSON.stringify(json)),
  inArguments('in a member of their own', ({ args }) => ({ arguments: args })),
  inArguments('in a list', ({ args }) => [args]),
  inArguments('a text in a list', ({ args }) => mapTexts(args, (text) => [text])),
  // Names.
  inName('in camel case', (name) => name.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase())),
  inName('with its brackets', (name) => `${name}()`),
  inName('behind another name', (name) => `default_api.${name}`),
  // In the text.
  inText(
    'tags of another family',
    ({ name, json }) => `<function_call>{"name": "${name}", "arguments": ${json}}</function_call>`,
  ),
  inText('no closing tag', ({ name, json }) => `<tool_call>\n{"name": "${name}", "arguments": ${json}}`),
  inText(
    'arguments beside the name',
    ({ name, args }) => `<tool_call>${JSON.stringify({ name, ...args })}</tool_call>`,
  ),
  inText('single quotes in a fence', ({ name, args }) => `\`\`\`json\n${pythonOf({ name, arguments: args })}\n\`\`\``),
  inText('attributes', ({ name, args }) => {
    const tags = Object.entries(args).map(([key, value]) => `<parameter name="${key}">${String(value)}</parameter>`)
    return `<tool_call>\n<function name="${name}">\n${tags.join('\n')}\n</function>\n</tool_call>`
  }),
  inText('an expression in a tag', ({ name, args }) => {
    const given = Object.entries(args).map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    return `<tool_call>${name}(${given.join(', ')})</tool_call>`
  }),
  inText('in a thought that never ends', ({ name, json }) => {
    return `<think>I have to look.\n<tool_call>{"name": "${name}", "arguments": ${json}}</tool_call>`
  }),
  inText("OpenAI's message", ({ name, json }) =>
    JSON.stringify({ tool_calls: [{ id: 'call_1', type: 'function', function: { name, arguments: json } }] }),
  ),
  inText('words and no call', ({ name }) => `I will use ${name} now.`),
  { what: 'nothing at all', write: () => ({ content: '' }) },
]

function inArguments(what: string, write: (meant: Meant) => unknown): Fault {
  return { what, write: (meant) => ({ toolCalls: [{ name: meant.name, arguments: write(meant) }] }) }
}

function inName(what: string, write: (name: string) => string): Fault {
  return { what, write: ({ name, args }) => ({ toolCalls: [{ name: write(name), arguments: args }] }) }
}

function inText(what: string, write: (meant: Meant) => string): Fault {
  return { what, write: (meant) => ({ content: write(meant) }) }
}

function mapTexts(args: Meant['args'], change: (text: string) => unknown): object {
  return Object.fromEntries(
    Object.entries(args).map(([key, value]) => [key, typeof value === 'string' ? change(value) : value]),
  )
}

function pythonOf(value: object): string {
  return JSON.stringify(value)
    .replaceAll("'", String.raw`\'`)
    .replaceAll('"', "'")
}
