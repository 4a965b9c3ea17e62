import type { ReplyFormat, TaggedRow } from './reply-format.ts'
import {
  attributeTags,
  equalsTags,
  functionAttributes,
  keyTags,
  think,
  toolCallSections,
  wrapped,
} from './row-makers.ts'

/** The name and each argument in tags of their own. */
export const taggedFormats: readonly ReplyFormat[] = [
  {
    id: 'qwen3_coder_xml',
    reasoning: think('unknown', true),
    calls: [equalsTags(), wrapped(['<tool_call>'], ['</tool_call>'])],
    readsAlso: [functionAttributes],
    sections: toolCallSections,
  },
  {
    id: 'seed_oss_xml',
    reasoning: { open: ['<seed:think>'], close: ['</seed:think>'], start: 'unknown' },
    calls: [equalsTags()],
    sections: [{ open: '<seed:tool_call>', close: '</seed:tool_call>' }],
  },
  {
    id: 'glm4_xml',
    reasoning: think('unknown', true),
    calls: [keyTags([])],
    readsAlso: [wrapped(['<tool_call>'], ['</tool_call>'])],
  },
  { id: 'poolside_xml', reasoning: think('unknown', true), calls: [keyTags([])], silent: ['</assistant>'] },
  {
    id: 'hunyuan_v3_xml',
    reasoning: {
      open: ['<think>', '<think:opensource>'],
      close: ['</think>', '</think:opensource>'],
      isInEveryTemplate: true,
      start: 'unknown',
      endsAtCall: true,
    },
    calls: [keyTags(['<tool_sep>']), keyTags(['<tool_sep:opensource>'], ':opensource')],
    sections: ['', ':opensource'].map((suffix) => ({
      open: `<tool_calls${suffix}>`,
      close: `</tool_calls${suffix}>`,
    })),
  },
  {
    id: 'deepseek_dsml',
    reasoning: think('unknown', true),
    calls: [attributeTags('｜DSML｜')],
    sections: ['function_calls', 'tool_calls'].map((name) => ({
      open: `<｜DSML｜${name}>`,
      close: `</｜DSML｜${name}>`,
    })),
  },
  {
    id: 'minimax_m2_xml',
    reasoning: think('unknown', true),
    calls: [attributeTags('')],
    sections: [{ open: '<minimax:tool_call>', close: '</minimax:tool_call>' }],
  },
  {
    id: 'minimax_m3_xml',
    reasoning: { open: ['<mm:think>'], close: ['</mm:think>'], start: 'unknown' },
    calls: [
      {
        grammar: 'nested-tags',
        open: [']<]minimax[>[<tool_call>'],
        announce: ']<]minimax[>[',
        close: ']<]minimax[>[</tool_call>',
      },
    ],
  },
  {
    id: 'kimi_k3_xtml',
    reasoning: {
      open: ['<|open|>think<|sep|>'],
      close: ['<|close|>think<|sep|>', '<|close|>think'],
      closeBefore: ['<|open|>response<|sep|>', '<|open|>tools<|sep|>'],
      isInEveryTemplate: true,
      start: 'text',
    },
    calls: [kimiTags()],
    sections: [{ open: '<|open|>tools<|sep|>', close: '<|close|>tools<|sep|>' }],
    silent: [
      '<|open|>response<|sep|>',
      '<|close|>response<|sep|>',
      '<|close|>message<|sep|>',
      '<|open|>message role="assistant"<|sep|>',
      '<|end_of_msg|>',
    ],
  },
  {
    id: 'step3_xml',
    reasoning: think('unknown'),
    calls: [attributeTags('steptml:')],
    sections: ['tool_calls', 'tool_call'].map((name) => ({
      open: `<｜${name}_begin｜>`,
      close: `<｜${name}_end｜>`,
    })),
  },
  { id: 'minicpm5_xml', reasoning: think('unknown', true), calls: [miniTags()] },
  {
    id: 'atem_xml',
    calls: [attributeTags('atem:')],
    sections: [{ open: '<atem:function_calls>', close: '</atem:function_calls>' }],
  },
  {
    id: 'invoke_xml',
    reasoning: think('unknown'),
    calls: [attributeTags('')],
    sections: [{ open: '<function_calls>', close: '</function_calls>' }],
  },
]

function kimiTags(): TaggedRow {
  return {
    grammar: 'tagged',
    open: ['<|open|>call '],
    header: 'attributes',
    headerEnd: ['<|sep|>'],
    parameter: {
      open: ['<|open|>argument '],
      header: 'attributes',
      headerEnd: ['<|sep|>'],
      close: ['<|close|>argument<|sep|>'],
    },
    close: ['<|close|>call<|sep|>'],
  }
}

/** No space after the tag: some builds lose it, or show it as their tokenizer's `Ġ`. */
function miniTags(): TaggedRow {
  return {
    grammar: 'tagged',
    open: ['<function'],
    header: 'attributes',
    headerEnd: ['>'],
    parameter: {
      open: ['<param'],
      header: 'attributes',
      headerEnd: ['>'],
      close: ['</param>'],
    },
    close: ['</function>'],
  }
}
