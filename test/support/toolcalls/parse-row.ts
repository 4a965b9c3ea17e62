import type { StartState } from '../../../src/toolcalls/formats/reply-format.ts'
import { replyFormat } from '../../../src/toolcalls/formats/reply-formats.ts'
import type { ReplyParserOptions } from '../../../src/toolcalls/parse/machine-parts.ts'
import { startStateOf, type ReplyStart } from '../../../src/toolcalls/parse/start-state.ts'
import type { CorpusRow } from './corpus.ts'

/** What the caller of the parser knows, as the row's own test knew it. */
export function optionsOfRow(row: CorpusRow): Omit<ReplyParserOptions, 'mintId'> {
  const format = replyFormat(formatIdOf(row))
  const { reasoning_format: reasoningFormat, json_schema: jsonSchema } = row.options ?? {}
  const isKept = row.layer === 'tool' || reasoningFormat === 'none' || row.format.endsWith('AppendThink')
  return {
    format: row.family === 'generic' && row.layer === 'reasoning' ? genericThink(format, row) : format,
    tools: (row.tools ?? []).map((tool) => {
      const { name = '', parameters } = tool.function ?? tool
      return { name, parameters: parameters ?? {} }
    }),
    reasoning: isKept ? 'keep' : 'split',
    calls: row.layer === 'reasoning' ? 'keep' : 'parse',
    isJsonReply: jsonSchema !== undefined,
    start: startOfRow(row),
  }
}

/** Two tests use tags of their own. */
function genericThink(format: ReplyParserOptions['format'], row: CorpusRow): ReplyParserOptions['format'] {
  if (format.reasoning === undefined || row.source.peer === 'ollama') return format
  const reasoning = {
    ...format.reasoning,
    open: ['<think>', '<test:think>', '<alt:start>'],
    close: ['</think>', '</test:think>', '<alt:end>'],
  }
  return { ...format, reasoning }
}

function formatIdOf(row: CorpusRow): string {
  if (row.options?.template?.includes('functionary-medium-v3.2') === true) return 'functionary_v32'
  if (row.options?.template?.includes('functionary-medium-v3.1') === true) return 'functionary_v31'
  if (row.format === 'generic_json') return 'generic'
  return reasoningFormats[row.format] ?? row.format
}

const reasoningFormats: Readonly<Record<string, string>> = {
  'reasoning:Apertus2509': 'apertus_json',
  'reasoning:Gemma4': 'gemma4',
  'reasoning:Glm45': 'glm4_xml',
  'reasoning:GptOss': 'harmony',
  'reasoning:Granite': 'granite_json',
  'reasoning:HYV3': 'hunyuan_v3_xml',
  'reasoning:Hunyuan': 'hunyuan_v3_xml',
  'reasoning:HunyuanA13B': 'hunyuan_json',
  'reasoning:Inkling': 'inkling',
  'reasoning:KimiK2': 'kimi_k2',
  'reasoning:KimiK3': 'kimi_k3_xtml',
  'reasoning:MiniMaxM2': 'minimax_m2_xml',
  'reasoning:MiniMaxM2AppendThink': 'minimax_m2_xml',
  'reasoning:MiniMaxM3': 'minimax_m3_xml',
  'reasoning:Nemotron3': 'qwen3_coder_xml',
  'reasoning:NemotronV3': 'qwen3_coder_xml',
  'reasoning:Qwen3': 'hermes_json',
  'reasoning:SeedOSS': 'seed_oss_xml',
  'reasoning:Step3p5': 'qwen3_coder_xml',
  'reasoning:DeepSeekR1': 'deepseek_v3',
  'reasoning:DeepSeekV3ReasoningWithThinkingParser': 'deepseek_v31',
  'reasoning:Base': 'deepseek_v31',
  'reasoning:Ernie45': 'hermes_json',
  'reasoning:Olmo3': 'olmo3_pythonic',
  'reasoning:Identity': 'think_tags',
}

function startOfRow(row: CorpusRow): ReplyStart | StartState | undefined {
  const { options = {}, source } = row
  const format = replyFormat(formatIdOf(row))
  if (options.generation_prompt !== undefined) return startOfPrompt(row, options.generation_prompt)
  if (row.format.endsWith('AppendThink')) return { state: 'text', prefix: '<think>' }
  if (options.starts_in_reasoning !== undefined)
    return options.starts_in_reasoning ? 'reasoning' : format.reasoning?.start
  if (options.hasThinkingSupport === false || options.hasThinking === false) return 'text'
  // Where the test's switch was not recorded its name tells.
  if (/without_think|thinking.disabled/.test(source.test)) return 'text'
  if (row.layer === 'tool') return 'text'
  if (options.hasThinking === true && row.format === 'deepseek_v31') return 'reasoning'
  if (alwaysThinks.has(row.format) || /only_open_tag/.test(source.test)) return 'reasoning'
  return format.reasoning?.start
}

/** Families whose parsers begin inside a thought, whatever the text. */
const alwaysThinks: ReadonlySet<string> = new Set([
  'reasoning:DeepSeekR1',
  'reasoning:KimiK2',
  'reasoning:MiniMaxM2',
  'reasoning:SeedOSS',
  'reasoning:Step3p5',
])

function startOfPrompt(row: CorpusRow, prompt: string): ReplyStart {
  const start = startStateOf(replyFormat(formatIdOf(row)), prompt)
  if (row.options?.continue_final_message === undefined || start.prefix !== '') return start
  // A reply to be continued: what stands behind the template's own turn marker.
  return {
    state: 'text',
    prefix: prompt.slice(
      Math.max(prompt.lastIndexOf('\n') + 1, prompt.includes('|>') ? prompt.lastIndexOf('|>') + 2 : 0),
    ),
  }
}
