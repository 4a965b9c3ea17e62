import { isIP } from 'node:net'

import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { createTrustedProxies, type Client } from '../../../src/http/auth/trusted-proxies.ts'

const clientOf = createTrustedProxies(['10.0.0.0/8', '192.0.2.1', 'fd00::/8'])
const from = (address: string, headers: Readonly<Record<string, string>> = {}): Client =>
  clientOf({ address, isEncrypted: false }, headers)

describe('the address', () => {
  test.each([
    ['of the peer, without headers', '10.0.0.1', undefined, '10.0.0.1'],
    ['that a trusted peer names', '10.0.0.1', '203.0.113.7', '203.0.113.7'],
    ['that a trusted peer names, out of IPv6 wrapping', '::ffff:10.0.0.1', '::ffff:203.0.113.7', '203.0.113.7'],
    ['out of IPv6 wrapping in hexadecimal', '::ffff:a00:1', '::ffff:cb00:7107', '203.0.113.7'],
    [
      'nearest to the trusted ones, whatever the client wrote itself',
      '10.0.0.1',
      '1.1.1.1, 203.0.113.7',
      '203.0.113.7',
    ],
    ['behind several trusted ones', '10.0.0.1', '203.0.113.7, 192.0.2.1,10.9.9.9', '203.0.113.7'],
    ['furthest away when all are trusted', '10.0.0.1', '10.0.0.3, 10.0.0.2', '10.0.0.3'],
    ['of an IPv6 client behind an IPv6 proxy', 'fd00::1', '2001:db8::7', '2001:db8::7'],
    ['without its port', '10.0.0.1', '203.0.113.7:4711', '203.0.113.7'],
    ['without brackets and port', '10.0.0.1', '[2001:db8::7]:4711', '2001:db8::7'],
    ['of the peer when what it names is no address', '10.0.0.1', 'unknown', '10.0.0.1'],
    ['as far as it could be read', '10.0.0.1', '203.0.113.7, _hidden, 10.0.0.2', '10.0.0.2'],
    ['of a peer with a zone', 'fe80::1%eth0', '203.0.113.7', 'fe80::1'],
  ])('%s', (_, peer, forwarded, expected) => {
    const headers: Record<string, string> = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded }
    expect(from(peer, headers).address).toBe(expected)
  })

  test('that an untrusted peer names is never believed, nor its protocol', () => {
    const untrusted = fc.ipV4().filter((address) => !address.startsWith('10.') && address !== '192.0.2.1')
    fc.assert(
      fc.property(untrusted, fc.string(), fc.string(), (peer, forwarded, protocol) => {
        const client = from(peer, { 'x-forwarded-for': forwarded, 'x-forwarded-proto': protocol })
        expect(client).toEqual({ address: peer, protocol: 'http' })
      }),
    )
  })

  test('is the peer or a real address, whatever a trusted peer sends', () => {
    const entry = fc.oneof(fc.string(), fc.ipV4(), fc.ipV6(), fc.constant('::ffff:1.2.3.4'))
    fc.assert(
      fc.property(fc.array(entry), (entries) => {
        const { address } = from('10.0.0.1', { 'x-forwarded-for': entries.join(',') })
        expect(isIP(address)).not.toBe(0)
      }),
    )
  })

  test('is the peer when nobody is trusted', () => {
    const client = createTrustedProxies([])(
      { address: '::ffff:10.0.0.1', isEncrypted: true },
      { 'x-forwarded-for': '1.1.1.1' },
    )
    expect(client).toEqual({ address: '10.0.0.1', protocol: 'https' })
  })

  test('of a socket that is closed is empty', () => {
    expect(clientOf({ address: undefined, isEncrypted: false }, {}).address).toBe('')
  })
})

test.each([
  [{}, 'http'],
  [{ 'x-forwarded-proto': 'https' }, 'https'],
  [{ 'x-forwarded-proto': 'http, https' }, 'https'],
  [{ 'x-forwarded-proto': 'javascript' }, 'http'],
])('a trusted proxy says by %o that the protocol is %s', (headers, expected) => {
  expect(from('10.0.0.1', headers).protocol).toBe(expected)
})

describe('ranges', () => {
  test.each([
    '',
    'localhost',
    '10.0.0.0/33',
    '10.0.0.0/',
    '10.0.0.0/8/8',
    '10.0.0.0/-1',
    '10.0.0/8',
    'fd00::/129',
    '::ffff:10.0.0.0/95',
  ])('"%s" is refused by name', (range) => {
    expect(() => createTrustedProxies([range])).toThrow(`trusted_proxies: expected an address or a CIDR range`)
    expect(() => createTrustedProxies([range])).toThrow(`this was "${range}"`)
  })

  test.each([
    ['10.0.0.0/8', '10.255.255.255', true],
    ['10.0.0.0/8', '11.0.0.0', false],
    ['10.0.0.1', '10.0.0.1', true],
    ['10.0.0.1', '10.0.0.2', false],
    ['0.0.0.0/0', '8.8.8.8', true],
    ['::1', '::1', true],
    ['2001:db8::/32', '2001:db9::', false],
    ['::ffff:10.0.0.0/104', '10.1.1.1', true],
    ['::ffff:10.0.0.0/104', '11.1.1.1', false],
  ])('%s trusts %s: %s', (range, peer, isTrusted) => {
    const client = createTrustedProxies([range])(
      { address: peer, isEncrypted: false },
      { 'x-forwarded-for': '203.0.113.7' },
    )
    expect(client.address === '203.0.113.7').toBe(isTrusted)
  })
})
