import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { FaultBoard } from '../../src/sim/fault-board.ts'
import { parseFault, parseFaultFlag } from '../../src/sim/fault.ts'

const chat = { method: 'POST', path: '/v1/chat/completions' }
const health = { method: 'GET', path: '/health' }

describe('a fault on the command line', () => {
  test.each([
    ['hang', { type: 'hang' }],
    [
      'status:status=503,retry-after-seconds=2,times=1',
      { type: 'status', status: 503, retryAfterSeconds: 2, times: 1 },
    ],
    ['die-mid-stream:after-chunks=3,path=/v1/*', { type: 'die-mid-stream', afterChunks: 3, path: '/v1/*' }],
    ['stderr-noise:text=a=b:c', { type: 'stderr-noise', text: 'a=b:c' }],
    ['status:status=500,body=404', { type: 'status', status: 500, body: '404' }],
    ['refuse:duration-ms=500', { type: 'refuse', durationMs: 500 }],
  ])('%s', (flag, fault) => {
    expect(parseFaultFlag(flag)).toEqual(fault)
  })

  test.each([
    ['bogus', /Expected a fault with a "type" of refuse, hang/],
    ['', /Expected a fault with a "type"/],
    ['hang:after-chunks=1', /The fault hang has no "afterChunks"; it takes times, path\./],
    ['refuse', /refuse expects "durationMs" to be a number from 0 up; got undefined/],
    ['status:status=99', /status from 200 to 599; got 99/],
    ['hang:times=often', /expects "times" to be a number from 0 up; got "often"/],
  ])('%j is refused with what was expected', (flag, message) => {
    expect(() => parseFaultFlag(flag)).toThrow(message)
  })
})

test('texts are texts', () => {
  expect(() => parseFault({ type: 'hang', path: 3 })).toThrow(/expects "path" to be text; got 3/)
  expect(() => parseFault({ type: 'stderr-noise', text: {} })).toThrow(/expects "text" to be text/)
})

test('anything that is not a fault is refused as invalid', () => {
  fc.assert(
    fc.property(fc.anything(), (value) => {
      expect(() => parseFault(value)).toThrow(expect.objectContaining({ code: 'invalid_request' }))
    }),
  )
})

describe('the faults in force', () => {
  test('strike as often as they say', () => {
    const board = new FaultBoard()
    board.add({ type: 'hang', times: 2 })
    expect([1, 2, 3].map(() => board.strike(chat).length)).toEqual([1, 1, 0])
    expect(board.list()).toEqual([])
  })

  test('that strike no times are none', () => {
    const board = new FaultBoard()
    board.add({ type: 'hang', times: 0 })
    expect(board.strike(chat)).toEqual([])
  })

  test('strike until they are cleared when they do not say how often', () => {
    const board = new FaultBoard()
    board.add({ type: 'hang' })
    board.strike(chat)
    expect(board.list()).toEqual([{ fault: { type: 'hang' }, timesLeft: undefined }])
    board.clear()
    expect(board.strike(chat)).toEqual([])
  })

  test('are not used up by health checks, unless their path says so', () => {
    const board = new FaultBoard()
    board.add({ type: 'status', status: 500, times: 1 })
    expect(board.strike(health)).toEqual([])
    expect(board.strike(chat)).toHaveLength(1)
    board.add({ type: 'hang', path: '*', times: 1 })
    expect(board.strike(health)).toHaveLength(1)
  })

  test('strike together, but one of a type at a time', () => {
    const board = new FaultBoard()
    board.add({ type: 'die-mid-stream', afterChunks: 1, times: 1 })
    board.add({ type: 'die-mid-stream', afterChunks: 2, times: 1 })
    board.add({ type: 'stderr-noise', times: 1 })
    expect(board.strike(chat)).toMatchObject([{ type: 'die-mid-stream', afterChunks: 1 }, { type: 'stderr-noise' }])
    expect(board.strike(chat)).toMatchObject([{ type: 'die-mid-stream', afterChunks: 2 }])
  })

  test('that wait for an event are not struck by requests', () => {
    const board = new FaultBoard()
    board.add({ type: 'ignore-sigterm', times: 1, path: '*' })
    expect(board.strike(chat)).toEqual([])
    expect(board.take('crash-at-load')).toBeUndefined()
    expect(board.take('ignore-sigterm')).toMatchObject({ type: 'ignore-sigterm' })
    expect(board.take('ignore-sigterm')).toBeUndefined()
  })
})
