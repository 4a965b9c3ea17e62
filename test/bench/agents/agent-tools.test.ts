import { expect, test } from 'vitest'

import { agentTask, taskKinds } from '../../../src/bench/agents/agent-task.ts'
import { callTool } from '../../../src/bench/agents/agent-tools.ts'

const run = (name: string, args: unknown, files = new Map([['a.ts', 'one\ntwo']])) => {
  const argumentsText = typeof args === 'string' ? args : JSON.stringify(args)
  return [callTool({ name, argumentsText }, files), files.get('a.ts')]
}

test.each([
  ['list_files', '', 'a.ts'],
  ['read_file', { path: 'a.ts' }, 'one\ntwo'],
  ['read_file', { path: 'b.ts' }, 'Error: b.ts: no such file.'],
  ['read_file', {}, 'Error: path must be a string.'],
  ['read_file', '{"path": "a.ts",}', 'Error: the arguments are not a JSON object.'],
  ['search', { text: 'tw' }, 'a.ts: two'],
  ['search', { text: 'three' }, 'Nothing found.'],
  ['edit_file', { path: 'a.ts', old: 'one', new: '1', count: '1' }, 'Error: count must be a integer.'],
  ['edit_file', { path: 'a.ts', old: 'three', new: '3' }, 'Error: a.ts does not hold that text.'],
  ['Read', { path: 'a.ts' }, 'Error: no such tool: Read. Tools: list_files, read_file, search, edit_file, write_file.'],
])('%s %j gives %s', (name, args, expected) => {
  expect(run(name, args)[0]).toBe(expected)
})

test('what is written is there', () => {
  expect(run('edit_file', { path: 'a.ts', old: 'one', new: '$&' })).toEqual(['edited a.ts', '$&\ntwo'])
  expect(run('write_file', { path: 'a.ts', text: 'new' })).toEqual(['wrote a.ts', 'new'])
})

test.each(taskKinds)('a task of the kind %s is done by its plan, and by nothing less', (kind) => {
  const task = agentTask(kind, 3)
  const files = new Map(Object.entries(task.files))
  expect(task.isDone({ files: new Map(files), answer: task.answer('') })).toBe(false)
  const seen = task.plan.map(({ name, arguments: args, evidence }) => {
    const result = callTool({ name, argumentsText: JSON.stringify(args) }, files)
    expect(result).toContain(evidence)
    return result
  })
  expect(task.isDone({ files, answer: task.answer(seen.join('\n')) })).toBe(true)
})
