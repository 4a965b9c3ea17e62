import type { ReplyFormat, StartState } from './reply-format.ts'
import { think, wrapped } from './row-makers.ts'

/** The name stands before the arguments, and those are JSON. */
export const namedJsonFormats: readonly ReplyFormat[] = [
  {
    id: 'mistral',
    reasoning: { open: ['[THINK]'], close: ['[/THINK]'], start: 'text' },
    calls: [
      wrapped(['[TOOL_CALLS]'], []),
      {
        grammar: 'named-json',
        open: ['[TOOL_CALLS]'],
        nameEnd: ['[ARGS]'],
        idMarker: '[CALL_ID]',
        close: [],
        hidesMarker: true,
      },
      { ...wrapped(['[TOOL_CALLS]'], []), skipsNoise: true },
    ],
    silent: ['</s>'],
  },
  deepseek('deepseek_v3', 'unknown'),
  deepseek('deepseek_v31', 'text'),
  {
    id: 'kimi_k2',
    reasoning: { ...think('unknown', true), isInEveryTemplate: true },
    calls: [
      {
        grammar: 'named-json',
        open: ['<|tool_call_begin|>'],
        nameEnd: ['<|tool_call_argument_begin|>'],
        isNumbered: true,
        close: ['<|tool_call_end|>'],
      },
    ],
    sections: [
      { open: '<|tool_calls_section_begin|>', close: '<|tool_calls_section_end|>' },
      { open: '<|tool_call_section_begin|>', close: '<|tool_call_section_end|>' },
    ],
    silent: ['<|im_end|>'],
  },
  {
    id: 'functionary_v31',
    calls: [
      { grammar: 'named-json', open: ['<function='], nameEnd: ['>'], codeTool: 'python', close: ['</function>'] },
    ],
    silent: ['<|eom_id|>', '<|eot_id|>'],
  },
  {
    id: 'functionary_v32',
    calls: [{ grammar: 'named-json', open: ['>>>'], nameEnd: ['\n'], codeTool: 'python', close: [] }],
    promptMarkers: ['>>>'],
    silent: ['>>>all\n', '<|eot_id|>'],
  },
  {
    id: 'solar_open',
    calls: [
      {
        grammar: 'named-json',
        open: ['<|tool_call:name|>'],
        nameEnd: ['<|tool_call:args|>'],
        close: ['<|tool_call:end|>'],
      },
    ],
    sections: [{ open: '<|tool_calls|>', close: '<|calls|>' }],
    silent: ['<|content|>', '<|end|>'],
  },
]

/** All versions share the markers; some models write them with bars of ASCII. */
function deepseek(id: string, start: StartState): ReplyFormat {
  return {
    id,
    reasoning: think(start),
    calls: ['｜', '|'].map((bar) => ({
      grammar: 'named-json',
      open: [`<${bar}tool▁call▁begin${bar}>function<${bar}tool▁sep${bar}>`, `<${bar}tool▁call▁begin${bar}>`],
      nameEnd: ['\n', `<${bar}tool▁sep${bar}>`],
      close: [`<${bar}tool▁call▁end${bar}>`],
    })),
    sections: ['｜', '|'].map((bar) => ({
      open: `<${bar}tool▁calls▁begin${bar}>`,
      close: `<${bar}tool▁calls▁end${bar}>`,
    })),
    silent: ['<｜tool▁output▁begin｜>', '<｜tool▁output▁end｜>', '<｜end▁of▁sentence｜>', '<|end▁of▁sentence|>'],
  }
}
