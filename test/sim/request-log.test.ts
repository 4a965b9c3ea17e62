import { describe, expect, test } from 'vitest'

import { RequestLog } from '../../src/sim/request-log.ts'
import type { ReceivedRequest } from '../../src/sim/request-log.ts'

function requestTo(path: string, text = ''): ReceivedRequest {
  return {
    method: 'GET',
    path,
    query: new URLSearchParams(),
    headers: {},
    body: undefined,
    text,
    outcome: Promise.resolve('answered'),
  }
}

describe('the log of requests', () => {
  test('keeps the latest thousand', () => {
    const log = new RequestLog()
    for (let number = 0; number < 1500; number += 1) log.add(requestTo(`/${number}`))
    expect(log.requests).toHaveLength(1000)
    expect(log.requests.at(0)?.path).toBe('/500')
    expect(log.requests.at(-1)?.path).toBe('/1499')
  })

  test('keeps no more than 16 MiB of text, but always the latest', () => {
    const log = new RequestLog()
    const large = 'x'.repeat(6 * 2 ** 20)
    for (const path of ['/a', '/b', '/c']) log.add(requestTo(path, large))
    expect(log.requests.map(({ path }) => path)).toEqual(['/b', '/c'])
    log.add(requestTo('/d', large.repeat(3)))
    expect(log.requests.map(({ path }) => path)).toEqual(['/d'])
  })

  test('gives a request that has come, or the next that comes', async () => {
    const log = new RequestLog()
    const future = log.waitFor(({ path }) => path === '/b')
    log.add(requestTo('/a'))
    log.add(requestTo('/b'))
    expect((await future).path).toBe('/b')
    expect((await log.waitFor(({ path }) => path === '/a')).path).toBe('/a')
  })

  test('tells whoever waits when it closes', async () => {
    const log = new RequestLog()
    const future = log.waitFor(() => true)
    log.close()
    await expect(future).rejects.toThrow(/closed/)
    await expect(log.waitFor(() => true)).rejects.toThrow(/closed/)
  })
})
