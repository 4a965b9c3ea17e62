import { expect, test } from 'vitest'

import { formatKeys } from '../../src/cli/format-keys.ts'

const alice = { name: 'alice', tenant: 'default', scopes: ['chat'], trust_user_headers: false }

test('columns in which no key has anything of its own are left out', () => {
  expect(formatKeys([alice], 0)).toBe('NAME   SCOPES  MODELS  EXPIRES\nalice  chat    all     never')
})

test('one key with something of its own shows that column of all', () => {
  const bob = { ...alice, name: 'bob', tenant: 'acme', requests_per_minute: 60 }
  expect(formatKeys([alice, bob], 0)).toBe(
    'NAME   SCOPES  MODELS  EXPIRES  TENANT   RPM\n' +
      'alice  chat    all     never    default  -\n' +
      'bob    chat    all     never    acme     60',
  )
})
