import { expect, test } from 'vitest'

import { isOutOfOrder } from '../../../../src/dialects/openai/chat/is-out-of-order.ts'

const chat = (...roles: readonly string[]): object => ({ messages: roles.map((role) => ({ role, content: 'x' })) })

test.each([[['system', 'user', 'assistant', 'user']], [['user', 'assistant', 'tool', 'tool', 'assistant']], [[]]])(
  '%j is what every template takes',
  (roles) => {
    expect(isOutOfOrder(chat(...roles))).toBe(false)
  },
)

test.each([
  [['system', 'system', 'user']],
  [['user', 'system', 'user']],
  [['system', 'user', 'user']],
  [['developer', 'user']],
])('%j is refused by many templates', (roles) => {
  expect(isOutOfOrder(chat(...roles))).toBe(true)
})
