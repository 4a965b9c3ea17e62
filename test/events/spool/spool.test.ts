import { appendFileSync, readdirSync, truncateSync } from 'node:fs'
import { join } from 'node:path'

import fc from 'fast-check'
import { expect, test } from 'vitest'

import type { BusEvent } from '../../../src/core/bus.ts'
import type { SpoolBeginning } from '../../../src/events/spool/spool-entry.ts'
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

/** An event as JSON in two pieces. */
function halvesOf(id: string, before: string, after: string): readonly [string, string] {
  const [first = '', rest = ''] = JSON.stringify(eventOf(id, { before, after })).split('"after"')
  return [first, `"after"${rest}`]
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
    fc.record({ do: fc.constant('begin' as const), length: fc.constantFrom(0, 10, 20_000, 2_000_000) }),
    fc.record({ do: fc.constant('finish' as const), length: fc.nat(2_000) }),
    fc.record({ do: fc.constant('settle' as const), count: fc.nat(5) }),
    fc.record({ do: fc.constant('reopen' as const) }),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const folder = temporaryFolder()
      let spool = open(folder)
      let unsettled: string[] = []
      let made = 0
      let begun: { readonly id: string; readonly length: number; readonly beginning: SpoolBeginning }[] = []
      for (const one of steps) {
        if (one.do === 'append') {
          made += 1
          expect(spool.append(eventOf(String(made), 'x'.repeat(one.length)), 'must')).toBe('kept')
          unsettled.push(String(made))
        } else if (one.do === 'begin') {
          made += 1
          const [first] = halvesOf(String(made), 'ü'.repeat(one.length / 2), '')
          begun.push({ id: String(made), length: one.length, beginning: spool.begin(first) })
        } else if (one.do === 'finish') {
          const next = begun.shift()
          if (next === undefined) continue
          const [, rest] = halvesOf('', '', 'x'.repeat(one.length))
          const outcome = next.length > 768 * 1024 ? 'too-large' : 'kept'
          expect(spool.finish(next.beginning, rest, 'must')).toBe(outcome)
          if (outcome === 'kept') unsettled.push(next.id)
        } else if (one.do === 'settle') {
          const entries = spool.take(one.count)
          const ids = (await spool.read(entries)).map(({ id }) => id)
          spool.settle(entries)
          unsettled = unsettled.filter((id) => !ids.includes(id))
        } else {
          spool.close()
          spool = open(folder)
          begun = []
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

test.each([10, 20_000])(
  'an event in two pieces is one event, for the next process too (%s at first)',
  async (length) => {
    const folder = temporaryFolder()
    const spool = open(folder)
    const body = { before: 'ü\ud83d\ude00'.repeat(length), after: 'end' }
    const [first, rest] = halvesOf('1', body.before, body.after)
    const beginning = spool.begin(first)
    spool.append(eventOf('between'), 'must')
    expect(spool.waiting).toBe(1)
    expect(spool.finish(beginning, rest, 'must')).toBe('kept')
    const written = [eventOf('between'), eventOf('1', body)]
    expect(await spool.read(spool.take(2))).toEqual(written)
    const next = open(folder)
    expect(await next.read(next.take(Infinity))).toEqual(written)
  },
)

test('the beginning of an event whose process ended before the rest is nothing, and keeps no file', () => {
  const folder = temporaryFolder()
  open(folder).begin(halvesOf('1', 'x'.repeat(20_000), '')[0])
  expect(readdirSync(folder)).toHaveLength(1)
  expect(open(folder).unsettled).toBe(0)
  expect(readdirSync(folder)).toEqual([])
})

test('of a long beginning little is left to be written at the end', () => {
  const spool = open(temporaryFolder())
  const [first, rest] = halvesOf('1', 'x'.repeat(200_000), 'end')
  const beginning = spool.begin(first)
  const { bytes } = spool
  expect(bytes).toBeGreaterThan(200_000)
  spool.finish(beginning, rest, 'must')
  expect(spool.bytes - bytes).toBeLessThan(100)
})

test('a beginning that finds no room is whole with its rest, once there is some', async () => {
  const spool = open(temporaryFolder(), 5 * mebibyte)
  const large = eventOf('0', 'x'.repeat(mebibyte / 2))
  while (spool.append(large, 'must') === 'kept') void 0
  const [first, rest] = halvesOf('1', 'x'.repeat(400_000), 'end')
  const [beginning, late] = [spool.begin(first), spool.begin(first)]
  expect(spool.finish(late, rest, 'must')).toBe('full')
  spool.settle(spool.take(9))
  expect(spool.finish(beginning, rest, 'must')).toBe('kept')
  expect(await idsOf(spool)).toEqual(['1'])
})

test('events are read in the order in which they are asked for, however those of several files are mixed', async () => {
  const spool = open(temporaryFolder())
  for (let id = 0; id < 20; id++) spool.append(eventOf(String(id), 'x'.repeat(mebibyte / 2)), 'must')
  const entries = spool.take(20)
  const mixed = entries.flatMap((entry, at) => (at < 10 ? [entry, ...entries.slice(19 - at, 20 - at)] : []))
  const asked = mixed.map((entry) => String(entries.indexOf(entry)))
  expect((await spool.read(mixed)).map(({ id }) => id)).toEqual(asked)
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

test('a small spool has room again when what is in it is settled', () => {
  const spool = open(temporaryFolder(), 64 * 1024)
  for (let round = 0; round < 5; round++) {
    let taken = 0
    while (spool.append(eventOf('1', 'x'.repeat(1_000)), 'must') === 'kept') taken += 1
    expect(taken).toBeGreaterThan(50)
    spool.settle(spool.take(Infinity))
  }
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
