import type { ReplyFormat } from './reply-format.ts'
import {
  equalsTags,
  fencedJson,
  insteadOfHermes,
  keyTags,
  pythonCalls,
  think,
  toolCallSections,
  wrapped,
} from './row-makers.ts'

/** JSON objects that hold name and arguments, in a wrapper or bare. */
export const wrappedJsonFormats: readonly ReplyFormat[] = [
  {
    id: 'hermes_json',
    reasoning: think('unknown', true),
    calls: [wrapped(['<tool_call>'], ['</tool_call>']), equalsTags()],
    readsAlso: insteadOfHermes,
    sections: toolCallSections,
  },
  {
    id: 'granite_json',
    reasoning: {
      open: ['<think>', 'Here is my thought process:'],
      close: ['</think>', 'Here is my response:'],
      start: 'text',
    },
    calls: [wrapped(['<|tool_call|>', '<tool_call>'], ['</tool_call>'])],
    silent: ['<response>', '</response>'],
  },
  { id: 'granite20b_fc', calls: [wrapped(['<function_call>'], ['</function_call>'])] },
  { id: 'nemotron_json', reasoning: think('unknown'), calls: [wrapped(['<TOOLCALL>'], ['</TOOLCALL>'])] },
  {
    id: 'hunyuan_json',
    reasoning: think('unknown'),
    calls: [wrapped(['<tool_calls>'], ['</tool_calls>'])],
    silent: ['<answer>', '</answer>'],
  },
  {
    id: 'apriel_json',
    reasoning: { open: ['<|begin_assistant|>'], close: ['[BEGIN FINAL RESPONSE]'], start: 'text' },
    calls: [wrapped(['<tool_calls>'], ['</tool_calls>'])],
    silent: ['[END FINAL RESPONSE]'],
  },
  { id: 'minimax_m1_json', reasoning: think('unknown'), calls: [wrapped(['<tool_calls>'], ['</tool_calls>'])] },
  {
    id: 'longcat_json',
    reasoning: {
      open: ['<longcat_think>', '<think>'],
      close: ['</longcat_think>', '</think>'],
      start: 'unknown',
    },
    calls: [wrapped(['<longcat_tool_call>'], ['</longcat_tool_call>'])],
  },
  {
    id: 'internlm_json',
    calls: [wrapped(['<|action_start|><|plugin|>', '<|action_start|> <|plugin|>'], ['<|action_end|>'])],
  },
  {
    id: 'apertus_json',
    reasoning: { open: ['<|inner_prefix|>'], close: ['<|inner_suffix|>'], start: 'text' },
    calls: [{ ...wrapped(['<|tools_prefix|>'], ['<|tools_suffix|>']), isNameTheKey: true }],
  },
  {
    id: 'cohere_action',
    reasoning: { open: ['<|START_THINKING|>'], close: ['<|END_THINKING|>'], start: 'text' },
    calls: [wrapped(['<|START_ACTION|>'], ['<|END_ACTION|>'])],
    silent: ['<|START_TEXT|>', '<|END_TEXT|>', '<|START_RESPONSE|>', '<|END_RESPONSE|>', '<|END_OF_TURN_TOKEN|>'],
  },
  {
    id: 'command_r_action',
    calls: [{ ...wrapped(['Action:\n```json\n', 'Action: ```json\n'], ['```']), pseudoTools: ['directly_answer'] }],
    silent: ['<|END_OF_TURN_TOKEN|>'],
  },
  {
    id: 'gigachat3',
    calls: [wrapped(['<|function_call|>', '<|message_sep|>\n\nfunction call<|role_sep|>\n'], ['<|message_sep|>'])],
    silent: ['</s>'],
  },
  { id: 'functools_json', calls: [wrapped(['functools'], [])] },
  { id: 'lmstudio_json', reasoning: think('unknown'), calls: [wrapped(['[TOOL_REQUEST]'], ['[END_TOOL_REQUEST]'])] },
  { id: 'reka_edge', reasoning: think('unknown', true), calls: [wrapped(['<tool_call>'], ['</tool_call>'])] },
  {
    id: 'llama3_json',
    calls: [
      wrapped(['<|python_tag|>'], []),
      pythonCalls(['<|python_tag|>'], []),
      { grammar: 'bare-json', open: ['{'], at: 'anywhere' },
    ],
    readsAlso: [{ grammar: 'named-json', open: ['<function='], nameEnd: ['>'], close: ['</function>'] }],
    silent: ['<|eom_id|>', '<|eot_id|>'],
  },
  {
    id: 'xlam_json',
    reasoning: think('unknown'),
    calls: [
      wrapped(['[TOOL_CALLS]', '<tool_call>'], ['</tool_call>']),
      { grammar: 'bare-json', open: ['{', '['], at: 'start' },
      fencedJson,
    ],
  },
  { id: 'think_tags', reasoning: { ...think('unknown'), isOnlyFirst: true }, calls: [] },
  // For models of which nothing is known: what weak models write most, and only if it names a tool that was offered.
  {
    id: 'generic',
    reasoning: { ...think('unknown', true), isOnlyFirst: true },
    calls: [
      wrapped(['<tool_call>'], ['</tool_call>']),
      wrapped(['[TOOL_REQUEST]'], ['[END_TOOL_REQUEST]']),
      wrapped(['<tool_calls>'], ['</tool_calls>']),
      equalsTags(),
      { ...keyTags([]), isGuess: true },
      {
        grammar: 'named-json',
        open: ['<|tool▁call▁begin|>function<|tool▁sep|>', '<|tool▁call▁begin|>'],
        nameEnd: ['\n', '<|tool▁sep|>'],
        close: ['<|tool▁call▁end|>'],
      },
      { grammar: 'bare-json', open: ['{', '['], at: 'start' },
      fencedJson,
    ],
    readsAlso: insteadOfHermes,
    sections: [...toolCallSections, { open: '<|tool▁calls▁begin|>', close: '<|tool▁calls▁end|>' }],
    silent: ['<|end▁of▁sentence|>'],
  },
]
