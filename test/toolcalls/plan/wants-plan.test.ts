import { expect, test } from 'vitest'

import { wantsPlan } from '../../../src/toolcalls/plan/wants-plan.ts'
import { rounds, user } from '../../support/toolcalls/history.ts'

const always = () => true
const never = () => false
const task = 'Implement pagination for the list endpoint, with tests, and update the documentation page.'

test('work on code of several steps gets a plan, once: the rounds after it only keep it', () => {
  expect(wantsPlan([user(task)], [], always)).toEqual({ task, isNew: true })
  expect(wantsPlan([user(task), ...rounds(['read', { path: 'a' }, 'text'])], ['read'], always)).toEqual({
    task,
    isNew: false,
  })
})

test('tools that change files say that it is work on code', () => {
  expect(wantsPlan([user(task)], ['edit_file'], never)).toBeDefined()
  expect(wantsPlan([user(task)], ['get_weather'], never)).toBeUndefined()
})

test.each([
  ['a short question', 'How do I refactor this?'],
  [
    'a question of middling length',
    'Why does the type checker say that this value may be undefined in the second branch?',
  ],
  ['a reminder of the client', `<system-reminder>${task}</system-reminder>`],
])('%s gets none', (_, text) => {
  expect(wantsPlan([user(text)], ['edit_file'], always)).toBeUndefined()
})
