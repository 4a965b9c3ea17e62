import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream, existsSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'

import { describe, expect, test } from 'vitest'

import { silentLogger } from '../../../src/core/logger.ts'
import { cachedShare } from '../../../src/lifecycle/page-cache/cached-share.ts'
import { prefetchFile } from '../../../src/lifecycle/page-cache/prefetch-file.ts'
import { Prefetcher } from '../../../src/lifecycle/page-cache/prefetcher.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { quickEngine, supervise } from './engines.ts'

const mebibyte = 1024 * 1024
const canTell = existsSync('/usr/bin/fincore')

/** A file of so many MiB and a bit, all of it on the disk; with `isCold` nothing of it in the page cache. */
async function file(mebibytes: number, { isCold = false } = {}): Promise<string> {
  const path = join(temporaryFolder(), 'model.gguf')
  const stream = createWriteStream(path)
  for (let count = 0; count < mebibytes; count++) stream.write(Buffer.alloc(mebibyte, count))
  stream.end('a bit')
  await once(stream, 'close')
  const handle = await open(path)
  await handle.sync()
  await handle.close()
  // There is no call for it in Node; dd has the kernel forget a file that it writes nothing to.
  if (isCold)
    execFileSync('dd', [`of=${path}`, 'oflag=nocache', 'conv=notrunc,fdatasync', 'count=0'], { stdio: 'ignore' })
  return path
}

describe('reading a file ahead', () => {
  test('reads every byte once, whatever its size', async () => {
    const { signal } = new AbortController()
    expect(await prefetchFile({ path: await file(9), signal, parallel: 3 })).toBe(9 * mebibyte + 5)
    expect(await prefetchFile({ path: await file(0), signal })).toBe(5)
  })

  test.skipIf(!canTell)('fills the page cache', async () => {
    const path = await file(16, { isCold: true })
    const before = await cachedShare([path])
    await prefetchFile({ path, signal: new AbortController().signal })
    expect(await cachedShare([path])).toBe(1)
    expect(before).toBeLessThan(1)
  })

  test('ends with the reads under way when it is cancelled', async () => {
    const path = await file(64)
    const cancel = new AbortController()
    const reading = prefetchFile({ path, signal: cancel.signal })
    cancel.abort()
    expect(await reading).toBeLessThanOrEqual(2 * 4 * mebibyte)
  })

  test('of a file that is not there fails', async () => {
    const { signal } = new AbortController()
    await expect(prefetchFile({ path: '/nonexistent', signal })).rejects.toMatchObject({ code: 'ENOENT' })
  })
})

describe('the cached share', () => {
  test.skipIf(!canTell)('of files just written is all, and of none it is not known', async () => {
    expect(await cachedShare([await file(1), await file(2)])).toBe(1)
    expect(await cachedShare([])).toBeUndefined()
    expect(await cachedShare(['/nonexistent'])).toBeUndefined()
  })

  test('is not known where nothing tells', async () => {
    expect(await cachedShare(['x'], () => Promise.resolve(undefined))).toBeUndefined()
    expect(await cachedShare(['x'], () => Promise.resolve('what?\n'))).toBeUndefined()
    expect(await cachedShare(['a', 'b'], () => Promise.resolve('4096 8192\n4096 8192\n'))).toBe(0.5)
  })
})

describe('the prefetcher', () => {
  function prefetcher() {
    const cached: string[] = []
    const waiters = new Set<() => void>()
    const reader = new Prefetcher({
      logger: silentLogger,
      onCached: (model) => {
        cached.push(model)
        for (const waiter of waiters) waiter()
      },
    })
    const until = (count: number): Promise<void> =>
      new Promise((resolve) => {
        const look = (): void => {
          if (cached.length >= count) resolve()
        }
        waiters.add(look)
        look()
      })
    return { reader, cached, until }
  }

  const wish = (model: string, path: string) => ({ model, files: [path], isDirectIo: false })

  test.skipIf(!canTell)('reads one model after the other, in order', async () => {
    const { reader, cached, until } = prefetcher()
    reader.wish([wish('a', await file(8, { isCold: true })), wish('b', await file(8, { isCold: true }))])
    await until(2)
    expect(cached).toEqual(['a', 'b'])
    await reader.close()
  })

  test.skipIf(!canTell)(
    'passes over what cannot be read and what is read around the cache, and tells of what is cached already',
    async () => {
      const { reader, cached, until } = prefetcher()
      reader.wish([
        wish('cached', await file(1)),
        wish('missing', '/nonexistent'),
        { ...wish('direct', await file(8, { isCold: true })), isDirectIo: true },
        wish('cold', await file(8, { isCold: true })),
      ])
      await until(2)
      expect(cached).toEqual(['cached', 'cold'])
      await reader.close()
    },
  )

  test.skipIf(!canTell)('reads nothing beside a load, and goes on after it', async () => {
    const { reader, cached, until } = prefetcher()
    const path = await file(8, { isCold: true })
    reader.loadBegins()
    reader.wish([wish('a', path)])
    const other = prefetcher()
    other.reader.wish([wish('b', await file(16, { isCold: true }))])
    await other.until(1)
    // In the time that it took another to read twice as much:
    expect(cached).toEqual([])
    expect(await cachedShare([path])).toBeLessThan(1)
    reader.loadEnds()
    await until(1)
    await Promise.all([reader.close(), other.reader.close()])
  })

  test('ends with an empty list, and closing twice is fine', async () => {
    const { reader, cached } = prefetcher()
    reader.wish([wish('a', await file(64, { isCold: true }))])
    reader.wish([])
    await Promise.all([reader.close(), reader.close()])
    expect(cached).toEqual([])
  })
})

test.skipIf(!canTell)('the scheduler has the files of a model read ahead, and hears of it', async () => {
  const path = await file(8, { isCold: true })
  const weights = { files: [path], isDirectIo: false }
  const supervisor = await supervise([quickEngine({ name: 'next', weights })])
  supervisor.carryOut({ type: 'prefetch', models: ['unknown', 'next'] })
  expect(await supervisor.next('prefetched')).toEqual({ type: 'prefetched', model: 'next', share: 1 })
})
