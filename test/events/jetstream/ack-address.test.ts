import { expect, test } from 'vitest'

import { parseAckAddress } from '../../../src/events/jetstream/ack-address.ts'

const parsed = { attempt: 2, sequence: 71, publishedAtMs: 1_795_524_595_598 }

test('an address says which attempt it is, of what, and since when', () => {
  expect(parseAckAddress('$JS.ACK.S.persist.2.71.80.1795524595598123456.5')).toEqual(parsed)
})

test('an address of a server in a domain says the same', () => {
  expect(parseAckAddress('$JS.ACK.hub.AbC.S.persist.2.71.80.1795524595598123456.5.x9')).toEqual(parsed)
  expect(parseAckAddress('$JS.ACK.hub.AbC.S.persist.2.71.80.1795524595598123456.5')).toEqual(parsed)
})

test('what is no such address is refused', () => {
  expect(() => parseAckAddress('_INBOX.abc')).toThrow('got "_INBOX.abc"')
})
