import { appendFileSync, readdirSync, truncateSync } from 'node:fs'
import { join } from 'node:path'

import fc from 'fast-check'
import { expect, test } from 'vitest'

import type { BusEvent } from '../../../src/core/bus.ts'
import { Spool } from '../../../src/events/spool/spool.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const mebibyte = 1024 * 1024
let runs = 0

function open(folder: string, bytesMax = 64 * mebibyte): Spool {
  runs += 1
  return new Spool({ folder, bytesMax, runName: String(runs).padStart(6, '0') })
}

function eventOf(id: string, body: unknown = null): BusEvent {
  return { id, subject: 's', headers: { 'ce-id': id }, body }
}

async function idsOf(spool: Spool): Promise<readonly string[]> {
  const entries = spool.take(Infinity)
  const ids = (await spool.read(entries)).map(({ id }) => id)
  spool.giveBack(entries)
  return ids
}

test('whatever is done with it, a spool that is opened anew holds at least what was not settled, in its order', async () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant('append' as const), length: fc.nat(2_000) }),
    fc.record({ do: fc.constant('settle' as const), count: fc.nat(5) }),
    fc.record({ do: fc.constant('reopen' as const) }),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const folder = temporaryFolder()
      let spool = open(folder)
      let unsettled: string[] = []
      let made = 0
      for (const one of steps) {
        if (one.do === 'append') {
          made += 1
          expect(spool.append(eventOf(String(made), 'x'.repeat(one.length)), 'must')).toBe('kept')
          unsettled.push(String(made))
        } else if (one.do === 'settle') {
          const entries = spool.take(one.count)
          const ids = (await spool.read(entries)).map(({ id }) => id)
          spool.settle(entries)
          unsettled = unsettled.filter((id) => !ids.includes(id))
        } else {
          spool.close()
          spool = open(folder)
          const ids = await idsOf(spool)
          expect(ids.filter((id) => unsettled.includes(id))).toEqual(unsettled)
        }
      }
      spool.close()
    }),
    { numRuns: 40 },
  )
})

test('an event is there for the next process even if this one never closes anything', async () => {
  const folder = temporaryFolder()
  const spool = open(folder)
  spool.append(eventOf('1', { text: 'ü\u0000' }), 'must')
  spool.take(1)
  expect(await idsOf(open(folder))).toEqual(['1'])
})

test('a record that was cut off is passed over, and what stands before it is kept', async () => {
  const folder = temporaryFolder()
  open(folder).append(eventOf('1'), 'must')
  const [name = ''] = readdirSync(folder)
  appendFileSync(join(folder, name), Buffer.from([200, 0, 0, 0, 1, 2, 3]))
  expect(await idsOf(open(folder))).toEqual(['1'])
  truncateSync(join(folder, name), 20)
  expect(await idsOf(open(folder))).toEqual([])
})

test('a full spool refuses lineage first, then turns, and takes them again when there is room', () => {
  const spool = open(temporaryFolder(), 10 * mebibyte)
  const large = eventOf('1', 'x'.repeat(mebibyte / 2))
  const taken = { must: 0, may: 0 }
  while (spool.append(large, 'may') === 'kept') taken.may += 1
  while (spool.append(large, 'must') === 'kept') taken.must += 1
  expect(taken).toEqual({ may: 15, must: 4 })
  spool.settle(spool.take(9))
  expect(spool.append(large, 'must')).toBe('kept')
  spool.close()
})

test('files go when everything in them is settled', () => {
  const folder = temporaryFolder()
  const spool = open(folder)
  for (let id = 0; id < 20; id++) spool.append(eventOf(String(id), 'x'.repeat(mebibyte / 2)), 'must')
  expect(readdirSync(folder).length).toBeGreaterThan(1)
  spool.settle(spool.take(20))
  spool.close()
  expect(readdirSync(folder)).toEqual([])
  expect(spool.bytes).toBe(0)
})
