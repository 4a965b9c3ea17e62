import { Flags } from '@oclif/core'

/** Of commands that read llmr.yaml. */
export const configFlag = Flags.string({
  char: 'c',
  summary: 'Configuration file.',
  description: 'Default: LLMR_CONFIG, ./llmr.yaml if it is yours, ~/.config/llmr/llmr.yaml, /etc/llmr/llmr.yaml.',
  helpValue: 'FILE',
})
