import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { trustOfUrl } from '../../src/core/trust-of-url.ts'

test.each([
  ['http://127.0.0.1:8080', 'local'],
  ['http://127.1:8080', 'local'],
  ['http://localhost:1234', 'local'],
  ['http://gateway.localhost', 'local'],
  ['http://[::1]:8080', 'local'],
  ['http://0.0.0.0:8080', 'local'],
  ['http://[::ffff:127.0.0.1]:8080', 'local'],
  ['http://10.0.0.5', 'lan'],
  ['http://172.31.255.255', 'lan'],
  ['http://172.32.0.1', 'cloud'],
  ['http://192.168.1.20:11434', 'lan'],
  ['http://100.100.1.1', 'lan'],
  ['http://[fd12:3456::1]:8000', 'lan'],
  ['http://[fe80::1]', 'lan'],
  ['http://gpu-box:8080', 'lan'],
  ['http://GPU-BOX.local.:8080', 'lan'],
  ['http://nas.home.arpa', 'lan'],
  ['https://api.openai.com', 'cloud'],
  ['http://8.8.8.8', 'cloud'],
  ['http://[2001:db8::1]', 'cloud'],
  ['http://localhost.example.com', 'cloud'],
  ['http://notlocal', 'lan'],
])('%s is %s', (url, trust) => {
  expect(trustOfUrl(url)).toBe(trust)
})

test('a public name never counts as nearer than the cloud', () => {
  fc.assert(
    fc.property(fc.domain(), (domain) => {
      fc.pre(!/\.(?:local|lan|internal|localhost|arpa)$/.test(domain))
      expect(trustOfUrl(`https://${domain}/v1`)).toBe('cloud')
    }),
  )
})
