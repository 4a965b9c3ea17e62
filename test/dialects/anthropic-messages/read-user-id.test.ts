import { expect, test } from 'vitest'

import { readUserId } from '../../../src/dialects/anthropic-messages/read-user-id.ts'

test('who asks and where is found in both of the forms that the client has written it in', () => {
  expect(readUserId('user_1a_account_2b_session_3c')).toEqual({ user: 'user_1a', cacheKey: '3c' })
  expect(readUserId('{"device_id":"d","account_uuid":"","session_id":"s"}')).toEqual({ user: 'd', cacheKey: 's' })
  expect(readUserId('bob')).toEqual({ user: 'bob' })
  expect(readUserId(undefined)).toEqual({})
})

test('a text of megabytes in its place is nobody in particular, and costs nothing', () => {
  const text = `user_${'_account_'.repeat(500_000)}`
  expect(readUserId(text)).toEqual({ user: text })
})
