import { expect, test } from 'vitest'

import { nextFileHint, withHint } from '../../../src/toolcalls/loop/next-file-hint.ts'
import { call, result, said, user } from '../../support/toolcalls/history.ts'

const tools = ['glob', 'grep', 'read_file']
const task = user('Why does the config loader ignore my port?')
const listing = [
  task,
  call('a', 'glob', { pattern: 'src/**' }),
  result('a', 'src/main.ts\nsrc/config-loader.ts\nsrc/port.rs'),
]

test('after the first listing the file nearest to the task is named, in the result (N1.18)', () => {
  const hint = nextFileHint(listing, tools)
  expect(hint).toMatchObject({ index: 2, file: 'src/config-loader.ts' })
  const messages = hint === undefined ? [] : withHint(listing, hint)
  expect(messages).toHaveLength(3)
  expect(messages[2]).toMatchObject({ role: 'tool', callId: 'a' })
  expect(JSON.stringify(messages[2])).toContain('read_file with src/config-loader.ts')
})

test.each([
  ['a search with lines', 'grep', { for: 'x' }, 'src/a.ts:12: const port\nsrc/a.ts:14: port', 'src/a.ts'],
  ['a JSON list', 'list_files', {}, '["lib/a.py", "lib/b.py"]', 'lib/a.py'],
  ['a shell', 'bash', { command: 'ls src' }, 'main.go\ngo.mod', 'main.go'],
])('files of %s are found', (_, name, args, text, file) => {
  expect(nextFileHint([task, call('a', name, args), result('a', text)], tools)?.file).toBe(file)
})

test.each([
  ['no file was found', [task, call('a', 'glob', {}), result('a', 'No files found')]],
  [
    'one of them was read',
    [task, call('r', 'read_file', { path: '/home/me/src/main.ts' }), result('r', 'x'), ...listing.slice(1)],
  ],
  ['the result is an error', [task, call('a', 'glob', {}), result('a', 'src/a.ts: permission denied', true)]],
  ['the result was read from a file', [task, call('a', 'read_file', { path: 'x' }), result('a', 'src/a.ts')]],
  ["the last word is not a tool's", [...listing, said('ok')]],
])('nothing is said when %s', (_, messages) => {
  expect(nextFileHint(messages, tools)).toBeUndefined()
})

test('nothing is said when no tool reads', () => {
  expect(nextFileHint(listing, ['glob', 'grep'])).toBeUndefined()
})
