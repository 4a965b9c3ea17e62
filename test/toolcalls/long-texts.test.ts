import { expect, test } from 'vitest'

import { replyFormats } from '../../src/toolcalls/formats/reply-formats.ts'
import { repairName } from '../../src/toolcalls/arguments/repair-name.ts'
import { createReplyParser } from '../../src/toolcalls/parse/reply-parser.ts'
import { jsonIn } from '../../src/toolcalls/reply/fits-format.ts'
import { coerceText } from '../../src/toolcalls/values/coerce-text.ts'
import { readLooseValue } from '../../src/toolcalls/values/loose-value.ts'

const count = 1_000_000

/** What looks for an end once for each beginning would take hours here, and nobody else would be served meanwhile. */
test.each([
  ['digits that are no number, for a number', () => coerceText(`${'1'.repeat(count)}x`, { type: 'number' }, {})],
  ['digits that are no number, for anything', () => readLooseValue(`[${'1'.repeat(count)}x]`)],
  ['a name that is all brackets', () => repairName(`${'('.repeat(count)}:`, ['read'])],
  ['a fence that is never closed', () => jsonIn(`\`\`\`json${'\n'.repeat(count)}x`)],
  ['a fence of nothing but lines', () => jsonIn(`\`\`\`json${'\n'.repeat(count)}\`\`\``)],
])('%s cost what their length is worth', (_, read) => {
  expect(read()).not.toBe(1)
})

test.each(['gemma4', 'functiongemma'])('braces without end in a call of %s cost what their length is worth', (id) => {
  const format = replyFormats.find((known) => known.id === id)
  if (format === undefined) throw new Error(`no format ${id}`)
  const row = format.calls.find((call) => call.grammar === 'expression')
  const parser = createReplyParser({
    format,
    tools: [{ name: 'f', parameters: {} }],
    start: 'text',
    mintId: () => 'id',
  })
  // An attempt at a call holds no more than so much.
  const events = [
    ...parser.push(`${row?.open[0]}call:f{a:1,${'}'.repeat(60_000)},`),
    ...parser.push(row?.close[0] ?? ''),
  ]
  expect([...events, ...parser.end()].length).toBeGreaterThan(0)
})

test.each([
  ['read(path)', 'read'],
  ['read (a) (b)', 'read'],
  ['functions.read: a file', 'read'],
  ['(read)', undefined],
])('a name with more behind it is known by its beginning: %j', (name, known) => {
  expect(repairName(name, ['read', 'write'])).toBe(known)
})

test.each([
  ['```json\n{"a": 1}\n```', '{"a": 1}'],
  ['```\n\n{"a": 1}```', '{"a": 1}'],
  ['```JSON  \n```', ''],
  ['```', '```'],
  ['```json ```', '```json ```'],
  ['```python\n{}\n```', '```python\n{}\n```'],
  ['```json {"a": 1}\n```', '```json {"a": 1}\n```'],
  [' {"a": 1} ', '{"a": 1}'],
])('a fence around JSON is taken off, and only such a one: %j', (text, json) => {
  expect(jsonIn(text)).toBe(json)
})
