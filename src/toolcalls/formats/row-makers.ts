import type { CallRow, ExpressionRow, ReasoningRow, StartState, TaggedRow, WrappedJsonRow } from './reply-format.ts'

/** What most rows have in common. */
export function think(start: StartState, endsAtCall = false): ReasoningRow {
  return { open: ['<think>'], close: ['</think>'], start, endsAtCall }
}

export function wrapped(open: readonly string[], close: readonly string[]): WrappedJsonRow {
  return { grammar: 'wrapped-json', open, close }
}

export const toolCallSections = [{ open: '<tool_call>', close: '</tool_call>' }] as const

/** `<function=name><parameter=key>value</parameter></function>`. */
export function equalsTags(): TaggedRow {
  return {
    grammar: 'tagged',
    open: ['<function='],
    header: 'plain',
    headerEnd: ['>'],
    parameter: {
      open: ['<parameter='],
      header: 'plain',
      headerEnd: ['>'],
      close: ['</parameter>'],
      closeBefore: ['\n<parameter=', '\n</function>'],
      trimsLineBreaks: true,
    },
    close: ['</function>'],
  }
}

/** `<call>name<arg_key>key</arg_key><arg_value>value</arg_value></call>`, each tag perhaps with a suffix. */
export function keyTags(headerEnd: readonly string[], suffix = ''): TaggedRow {
  return {
    grammar: 'tagged',
    open: [`<tool_call${suffix}>`],
    header: 'line',
    headerEnd: ['\n', ...headerEnd],
    parameter: {
      open: [`<arg_key${suffix}>`],
      header: 'plain',
      headerEnd: [`</arg_key${suffix}>`],
      valueOpen: `<arg_value${suffix}>`,
      close: [`</arg_value${suffix}>`],
    },
    close: [`</tool_call${suffix}>`],
  }
}

/** `<invoke name="name"><parameter name="key">value</parameter></invoke>` in tags of any name. */
export function attributeTags(prefix: string): TaggedRow {
  return {
    grammar: 'tagged',
    open: [`<${prefix}invoke`],
    header: 'attributes',
    headerEnd: ['>'],
    parameter: {
      open: [`<${prefix}parameter`],
      header: 'attributes',
      headerEnd: ['>'],
      close: [`</${prefix}parameter>`],
      closeBefore: [`\n<${prefix}parameter name=`, `\n</${prefix}invoke>`],
      trimsLineBreaks: true,
    },
    close: [`</${prefix}invoke>`],
  }
}

export function pythonCalls(open: readonly string[], close: readonly string[]): ExpressionRow {
  return { grammar: 'expression', style: 'python', open, close }
}

export const fencedJson: CallRow = { grammar: 'bare-json', open: ['```json', '```tool_call', '```'], at: 'anywhere' }

/** `<function name="name">` for `<function=name>`. */
export const functionAttributes: TaggedRow = {
  grammar: 'tagged',
  open: ['<function '],
  header: 'attributes',
  headerEnd: ['>'],
  parameter: { open: ['<parameter '], header: 'attributes', headerEnd: ['>'], close: ['</parameter>'] },
  close: ['</function>'],
}

/** What comes between Hermes' tags instead of JSON, or other tags. */
export const insteadOfHermes: readonly CallRow[] = [
  { grammar: 'named-json', open: ['<tool_call>'], nameEnd: ['\n'], close: ['</tool_call>'] },
  pythonCalls(['<tool_call>'], ['</tool_call>']),
  wrapped(['<function_call>'], ['</function_call>']),
  functionAttributes,
]
