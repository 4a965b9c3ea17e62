import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { replyFormat } from '../../../src/toolcalls/formats/reply-formats.ts'
import { startStateOf } from '../../../src/toolcalls/parse/start-state.ts'
import { deriveFormat } from '../../../src/toolcalls/templates/derive-format.ts'
import { templateSigns } from '../../../src/toolcalls/templates/template-signs.ts'
import { corpusFile, readRows } from '../../support/toolcalls/corpus.ts'
import { differencesOf, type ProfileRow } from '../../support/toolcalls/profile-row.ts'

const hermes = String.raw`{%- if tools %}{{ '<tools>' }}{% endif %}{%- for call in message.tool_calls %}
{{- '<tool_call>\n{"name": "' + call.name + '", "arguments": ' + call.arguments + '}\n</tool_call>' }}{% endfor %}`

test.each([
  ['hermes_json', hermes],
  ['qwen3_coder_xml', `${hermes}{{ '<function=' + name + '>' }}{{ '<parameter=' + key + '>' }}`],
  ['glm4_xml', `${hermes}<arg_key>{{ k }}</arg_key><arg_value>{{ v }}</arg_value>`],
  ['mistral', `{%- if tools %}[AVAILABLE_TOOLS]{% endif %}[TOOL_CALLS][`],
  ['llama3_json', `{%- if tools %}<|start_header_id|>ipython{{ '{"name": "' }}{{ '"parameters": ' }}`],
  ['generic', `{{ message.content }}`],
])('a template with the markers of %s is known by them', (id, template) => {
  expect(deriveFormat(template).format.id).toBe(id)
})

test('a template that never looks at the tools is told apart from one that does', () => {
  expect(deriveFormat(hermes).takesTools).toBe(true)
  expect(deriveFormat(`{{ message.content }} functools[`).takesTools).toBe(false)
})

test('thoughts are expected only where the template speaks of them', () => {
  expect(deriveFormat(hermes).format.reasoning).toBeUndefined()
  expect(deriveFormat(`${hermes}{{ content.split('</think>')[-1] }}`).format.reasoning?.open).toEqual(['<think>'])
})

test('a reply begins where the prompt ends', () => {
  const format = replyFormat('hermes_json')
  expect(startStateOf(format, '<|im_start|>assistant\n<think>\n')).toEqual({ state: 'text', prefix: '<think>\n' })
  expect(startStateOf(format, '<|im_start|>assistant\n')).toEqual({ state: 'text', prefix: '' })
})

test('every sign is of a format that exists', () => {
  expect(templateSigns.filter(([id]) => replyFormat(id).id !== id)).toEqual([])
})

const path = corpusFile('template_profiles.jsonl')
const rows = path === undefined ? [] : readRows<ProfileRow>(path)
const folder = process.env['LLMR_TEST_TEMPLATES'] ?? ''

test.skipIf(path === undefined)('prompts that end in an open thought begin the reply in it', () => {
  for (const row of rows) {
    if (row.think_start === '' || !row.generation_prompt.trimEnd().endsWith(row.think_start)) continue
    const format = {
      ...replyFormat('think_tags'),
      reasoning: { open: [row.think_start], close: row.think_ends, start: 'text' },
    } as const
    expect(startStateOf(format, row.generation_prompt).prefix, row.template).toMatch(row.think_start)
  }
})

test.skipIf(path === undefined || !existsSync(folder))(
  '60 of 68 templates give the profile that llama.cpp gives them',
  () => {
    const differing = rows.flatMap((row) => {
      const differences = differencesOf(row, deriveFormat(readFileSync(join(folder, row.template), 'utf8')))
      return differences.length === 0 ? [] : [`${row.template}: ${differences.join(', ')}`]
    })
    console.log(`${rows.length - differing.length}/${rows.length}\n${differing.join('\n')}`)
    expect(rows.length - differing.length).toBeGreaterThanOrEqual(60)
  },
)
