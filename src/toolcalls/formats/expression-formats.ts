import type { ReplyFormat } from './reply-format.ts'
import { pythonCalls, think } from './row-makers.ts'

/** Calls written as expressions. */
export const expressionFormats: readonly ReplyFormat[] = [
  {
    id: 'pythonic',
    calls: [
      pythonCalls(['<|python_start|>'], ['<|python_end|>']),
      { grammar: 'bare-expression', open: ['['], at: 'anywhere' },
    ],
    silent: ['<|eom|>', '<|eot|>'],
  },
  {
    id: 'olmo3_pythonic',
    reasoning: think('unknown'),
    calls: [pythonCalls(['<function_calls>'], ['</function_calls>'])],
  },
  {
    id: 'lfm2_pythonic',
    reasoning: { ...think('text', true), isInEveryTemplate: true },
    calls: [
      pythonCalls(['<|tool_call_start|>'], ['<|tool_call_end|>']),
      { grammar: 'bare-expression', open: ['['], at: 'start' },
    ],
    silent: ['<|im_end|>'],
  },
  {
    id: 'functiongemma',
    calls: [
      {
        grammar: 'expression',
        style: 'braces',
        open: ['<start_function_call>'],
        close: ['<end_function_call>'],
        rawQuote: '<escape>',
      },
    ],
  },
  {
    id: 'gemma4',
    reasoning: { open: ['<|channel>'], close: ['<channel|>'], label: 'thought\n', start: 'text', endsAtCall: true },
    calls: [
      {
        grammar: 'expression',
        style: 'braces',
        open: ['<|tool_call>'],
        close: ['<tool_call|>'],
        rawQuote: '<|"|>',
      },
    ],
    silent: ['<turn|>'],
  },
]
