import { expect, test } from 'vitest'

import type { Message } from '../../../src/core/chat/message.ts'
import { finishedReads } from '../../../src/toolcalls/history/finished-reads.ts'
import { call, callPart, result, user } from '../../support/toolcalls/history.ts'

const task = user('What is in it?')

test('the files read in the last round are told, each with its path and what the tool gave back (N1.20)', () => {
  const calls: Message = {
    role: 'assistant',
    parts: [callPart('a', 'read_file', { path: 'src/a.ts' }), callPart('b', 'Read', { file_path: '/b.ts' })],
  }
  const reads = finishedReads([task, calls, result('a', 'export {}'), result('b', '1→let b')])
  expect(reads).toEqual([
    { callId: 'a', path: 'src/a.ts', content: 'export {}' },
    { callId: 'b', path: '/b.ts', content: '1→let b' },
  ])
})

test('what an earlier round read was told with the request that brought it', () => {
  const messages = [
    task,
    call('a', 'read', { path: 'a' }),
    result('a', 'text'),
    call('b', 'read', { path: 'b' }),
    result('b', 'more'),
  ]
  expect(finishedReads(messages).map(({ path }) => path)).toEqual(['b'])
  expect(finishedReads([...messages, { role: 'assistant', parts: [{ type: 'text', text: 'Done.' }] }, task])).toEqual(
    [],
  )
})

test('a person who speaks behind the results takes nothing from them', () => {
  const messages = [task, call('a', 'read', { path: 'a' }), result('a', 'text'), user('Hurry.')]
  expect(finishedReads(messages)).toHaveLength(1)
})

test.each<[string, string, unknown, string]>([
  ['a piece of a file', 'read', { path: 'a', offset: 10, limit: 20 }, 'text'],
  ['a range of lines', 'read_file', { target_file: 'a', start_line: 1, end_line: 5 }, 'text'],
  ['a folder', 'read_directory', { path: 'a' }, 'a\nb'],
  ['a write', 'open_and_write', { path: 'a' }, 'done'],
  ['a page of the web', 'read_url', { uri: 'http://a' }, 'text'],
  ['a failure', 'read', { path: 'a' }, 'Error: ENOENT: no such file or directory'],
  ['an empty result', 'read', { path: 'a' }, ''],
  ['a call without a path', 'read', {}, 'text'],
  ['arguments that are no object', 'read', '[1', 'text'],
])('%s is no file', (_, name, args, text) => {
  expect(finishedReads([task, call('a', name, args), result('a', text)])).toEqual([])
})

test('a range that is null asks for the whole file', () => {
  const messages = [task, call('a', 'read', { path: 'a', offset: null }), result('a', 'text')]
  expect(finishedReads(messages)).toHaveLength(1)
})

test('a result that is marked as an error is no file, whatever it says', () => {
  expect(finishedReads([task, call('a', 'read', { path: 'a' }), result('a', 'text', true)])).toEqual([])
})
