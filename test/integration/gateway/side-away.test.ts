import { afterAll, describe, expect, test } from 'vitest'

import { askChats, leanedOn, startShakyGateway } from '../../support/shaky-gateway.ts'

const gateway = await startShakyGateway()
const skip = 'skip' in gateway ? gateway.skip : undefined

afterAll(async () => {
  if (!('skip' in gateway)) await gateway.close()
})

// `node test/bench/side-away.ts` says how long they take.
describe.skipIf(skip !== undefined)('whatever memory leans on', () => {
  const fails = async (name: string): Promise<number> => {
    if ('skip' in gateway) throw new Error(skip)
    const { failed } = await askChats(gateway.url, { count: 12, name })
    return failed
  }

  test.each(leanedOn)('%s may hang, and every chat gets its whole reply (N3.3, N3.6)', async (helper) => {
    if ('skip' in gateway) throw new Error(skip)
    gateway.ways[helper].stall()
    expect(await fails(`${helper}-hangs`)).toBe(0)
    gateway.ways[helper].resume()
    expect(await fails(`${helper}-goes-on`)).toBe(0)
  })

  test('all of it may hang at once, and then be gone, and the gateway still ends when it is told to', async () => {
    if ('skip' in gateway) throw new Error(skip)
    for (const helper of leanedOn) gateway.ways[helper].stall()
    expect(await fails('all-hang')).toBe(0)
    for (const helper of leanedOn) await gateway.ways[helper].close()
    expect(await fails('all-gone')).toBe(0)
    expect(await gateway.end()).toBe(0)
  })
})
