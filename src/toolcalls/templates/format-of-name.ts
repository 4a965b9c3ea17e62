/** The format of a family whose name a model bears, for servers that do not show their templates. */
export function formatOfName(model: string): string | undefined {
  return families.find(([pattern]) => pattern.test(model))?.[1]
}

/** The first that fits: names of a version stand before those of the family. */
const families: readonly (readonly [pattern: RegExp, formatId: string])[] = [
  [/qwen-?3-?coder|qwen-?3\.[5-9]|nemotron-?3|step-?3\.5|mimo/i, 'qwen3_coder_xml'],
  [/qwen|qwq|hermes|granite-?4/i, 'hermes_json'],
  [/granite/i, 'granite_json'],
  [/gpt-?oss/i, 'harmony'],
  [/llama-?3|firefunction/i, 'llama3_json'],
  [/llama-?4/i, 'pythonic'],
  [/mistral|ministral|mixtral|devstral|magistral|codestral/i, 'mistral'],
  [/deepseek.?v?3\.[2-9]|deepseek.?v?4/i, 'deepseek_dsml'],
  [/deepseek.?v?3\.1/i, 'deepseek_v31'],
  [/deepseek/i, 'deepseek_v3'],
  [/kimi.?k3/i, 'kimi_k3_xtml'],
  [/kimi/i, 'kimi_k2'],
  [/glm-?4/i, 'glm4_xml'],
  [/minimax.?m3/i, 'minimax_m3_xml'],
  [/minimax.?m2/i, 'minimax_m2_xml'],
  [/seed-?oss/i, 'seed_oss_xml'],
  [/nemotron/i, 'nemotron_json'],
  [/functionary.*3\.2/i, 'functionary_v32'],
  [/functionary/i, 'functionary_v31'],
  [/gemma-?4/i, 'gemma4'],
  [/functiongemma/i, 'functiongemma'],
  [/lfm-?2/i, 'lfm2_pythonic'],
  [/olmo-?3/i, 'olmo3_pythonic'],
  [/phi-?4-?mini/i, 'functools_json'],
  [/xlam/i, 'xlam_json'],
  [/command-?a|command-?r7b|c4ai/i, 'cohere_action'],
]
