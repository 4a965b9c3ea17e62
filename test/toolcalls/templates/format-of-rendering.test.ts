import { expect, test } from 'vitest'

import { createReplyParser } from '../../../src/toolcalls/parse/reply-parser.ts'
import { formatOfRendering, type ProbeRenderings } from '../../../src/toolcalls/templates/format-of-rendering.ts'

const turn = (said: string): string => `<|im_start|>user\ngo<|im_end|>\n<|im_start|>assistant\n${said}<|im_end|>\n`
const renderings = (call: string): ProbeRenderings => ({ text: turn('llmr_said'), call: turn(call) })
const json = '{"name": "llmr_probe", "arguments": {"llmr_key": "llmr_value"}}'
const args = '{"llmr_key": "llmr_value"}'

test.each([
  ['hermes_json', `<tool_call>\n${json}\n</tool_call>`],
  ['mistral', `[TOOL_CALLS]llmr_probe[ARGS]${args}`],
  [
    'qwen3_coder_xml',
    '<tool_call>\n<function=llmr_probe>\n<parameter=llmr_key>\nllmr_value\n</parameter>\n</function>\n</tool_call>',
  ],
  ['gemma4', '<|tool_call>call:llmr_probe{llmr_key:<|"|>llmr_value<|"|>}<tool_call|>'],
])('a call as %s writes it is read by a known format', (_, call) => {
  const format = formatOfRendering(renderings(call))
  expect(format?.id).not.toBe('derived')
  expect(readBy(format, call)).toEqual([['llmr_probe', { llmr_key: 'llmr_value' }]])
})

test.each([
  ['JSON in tags', `<invoke_json>${json}</invoke_json>`],
  ['the name as key', `<<CALLS>>[{"llmr_probe": ${args}}]<</CALLS>>`],
  ['the name before JSON', `<|calls|><|call|>llmr_probe<|args|>${args}<|end_call|><|end_calls|>`],
  ['arguments in tags', '<use>\n<fn:llmr_probe>\n<arg:llmr_key>\nllmr_value\n</arg>\n</fn>\n</use>'],
  ['keys and values in tags', '<use>llmr_probe\n<k>llmr_key</k>\n<v>llmr_value</v>\n</use>'],
  ['attributes', '<uses>\n<use name="llmr_probe">\n<with name="llmr_key">llmr_value</with>\n</use>\n</uses>'],
])('a family nobody knows gets a row of its own: %s', (_, call) => {
  const format = formatOfRendering(renderings(call), undefined, [])
  const other = call
    .replaceAll('llmr_probe', 'read_file')
    .replaceAll('llmr_key', 'path')
    .replaceAll('llmr_value', 'src/a.ts')
  expect(readBy(format, `Ok. ${other}\n${other}`)).toEqual([
    ['read_file', { path: 'src/a.ts' }],
    ['read_file', { path: 'src/a.ts' }],
  ])
})

test('a template that leaves the call out has no format', () => {
  expect(formatOfRendering(renderings(''))).toBeUndefined()
  expect(formatOfRendering(renderings('I call llmr_probe now.'))).toBeUndefined()
})

function readBy(format: ReturnType<typeof formatOfRendering>, text: string): unknown[] {
  if (format === undefined) return []
  const parser = createReplyParser({ format, tools: [], start: 'text', mintId: () => 'id' })
  const events = [...parser.push(text), ...parser.end()]
  return events.flatMap((event) => {
    const next =
      event.type === 'call-start'
        ? events.find((other) => other.type === 'call-arguments' && other.call === event.call)
        : undefined
    return event.type === 'call-start' && next?.type === 'call-arguments' ? [[event.name, JSON.parse(next.text)]] : []
  })
}
