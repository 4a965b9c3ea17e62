import fc from 'fast-check'
import { expect, test } from 'vitest'

import { redactor } from '../../../../src/gateway/operating/recording/redactor.ts'

const redact = redactor({ keepsHomePaths: false, patterns: [] })

test.each([
  ['authorization: Bearer abcdef123456', 'authorization: [redacted]'],
  [`key sk-${'x'.repeat(20)} end`, 'key [redacted] end'],
  [`ghp_${'x'.repeat(30)}`, '[redacted]'],
  ['AKIAABCDEFGHIJKLMNOP', '[redacted]'],
  ['export DB_PASSWORD=hunter22 && run', 'export DB_PASSWORD=[redacted] && run'],
  ['{"password": "hunter22"}', '{"password": "[redacted]"}'],
  [String.raw`{\"api_key\":\"hunter22\"}`, String.raw`{\"api_key\":\"[redacted]\"}`],
  ['-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----', '[redacted] -----END RSA PRIVATE KEY-----'],
  [`data:image/png;base64,${'A'.repeat(100)}`, 'data:image/png;base64,'],
  ['/home/ada/src/main.ts', '~/src/main.ts'],
  ['"/Users/ada/x" and /root/.ssh', '"~/x" and ~/.ssh'],
  [String.raw`C:\\Users\\ada\\notes.md`, String.raw`~\\notes.md`],
])('%s becomes %s', (text, expected) => {
  expect(redact({ deep: [text] })).toEqual({ deep: [expected] })
})

test.each(['max_tokens: 12', 'the token is next', 'src/home/page.ts', '/rootfs/etc', 'https://example.com/home/'])(
  '%s is no secret',
  (text) => {
    expect(redact(text)).toBe(text)
  },
)

test('home folders may be kept, and an operator may name more', () => {
  const other = redactor({ keepsHomePaths: true, patterns: [/acme-\d+/g] })
  expect(other('/home/ada acme-17')).toBe('/home/ada [redacted]')
})

test('what is no text stays what it is, and equal texts become equal ones', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(redact(value)).toEqual(redact(structuredClone(value)))
    }),
  )
  expect(redact({ count: 1, none: null, flag: true, list: [1] })).toEqual({
    count: 1,
    none: null,
    flag: true,
    list: [1],
  })
})
