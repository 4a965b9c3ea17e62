import { expect, test } from 'vitest'

import { chatTemplate } from '../../../src/sim/chat-template.ts'
import { formatOfFacts } from '../../../src/toolcalls/lane/format-of-facts.ts'

const turn = (said: string): string => `<|im_start|>assistant\n${said}<|im_end|>\n`

test('a known template gives its family, whatever the model is called', () => {
  expect(formatOfFacts({ chatTemplate }, 'mistral-7b')).toMatchObject({
    format: { id: 'hermes_json' },
    source: 'template',
  })
})

test('how a call is rendered counts above the markers of the template', () => {
  const renderings = {
    text: turn('llmr_said'),
    call: turn('<<c>>{"name": "llmr_probe", "arguments": {"llmr_key": "llmr_value"}}<</c>>'),
  }
  expect(formatOfFacts({ chatTemplate, renderings }, 'm')).toMatchObject({
    format: { id: 'derived' },
    source: 'rendering',
  })
})

test.each([
  ['Qwen3-Coder-30B', 'qwen3_coder_xml'],
  ['qwen2.5-7b-instruct', 'hermes_json'],
  ['gpt-oss-20b', 'harmony'],
  ['Devstral-Small-2507', 'mistral'],
  ['DeepSeek-V3.1', 'deepseek_v31'],
])('without a template the name of %s gives %s', (model, id) => {
  expect(formatOfFacts({}, model)).toMatchObject({ format: { id }, source: 'name' })
})

test('a model that nothing is known of writes what most have seen', () => {
  expect(formatOfFacts({}, 'zephyr-7b')).toMatchObject({ format: { id: 'generic' }, source: 'unknown' })
})
