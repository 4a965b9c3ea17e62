import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'

import { expect, onTestFinished, test } from 'vitest'

import { watchFiles } from '../../../src/config/watch-files.ts'
import type { LogFields } from '../../../src/core/logger.ts'
import { silentLogger } from '../../../src/core/logger.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

interface Watching {
  /** Resolves with the files of the next report that no earlier call has taken. */
  next(): Promise<readonly string[]>
  readonly reports: (readonly string[])[]
  close(): Promise<void>
}

interface Behaviour {
  readonly onChange?: () => void | Promise<void>
  readonly onError?: (fields: LogFields) => void
  readonly pollIntervalMs?: number
  readonly settleMs?: number
  readonly folders?: readonly string[]
}

async function watching(files: readonly string[], behaviour: Behaviour = {}): Promise<Watching> {
  const { onChange, onError, pollIntervalMs = 50, settleMs = 10, folders } = behaviour
  const reports: (readonly string[])[] = []
  let taken = 0
  let wake = () => {}
  const watch = await watchFiles({
    files,
    folders,
    logger: { ...silentLogger, error: (fields) => onError?.(fields) },
    pollIntervalMs,
    settleMs,
    async onChange(changed) {
      reports.push(changed)
      wake()
      await onChange?.()
    },
  })
  onTestFinished(() => watch.close())
  return {
    reports,
    close: () => watch.close(),
    async next() {
      taken++
      while (reports.length < taken) await new Promise<void>((resolve) => (wake = resolve))
      return reports[taken - 1] ?? []
    },
  }
}

function folderWith(content: string): { folder: string; file: string } {
  const folder = temporaryFolder()
  const file = join(folder, 'llmr.yaml')
  writeFileSync(file, content)
  return { folder, file }
}

test('a file that is written to is reported', async () => {
  const { file } = folderWith('a')
  const watch = await watching([file])
  writeFileSync(file, 'b')
  expect(await watch.next()).toEqual([file])
})

test('a write of the same length right after the start is reported', async () => {
  const { file } = folderWith('a')
  const watch = await watching([file])
  for (const content of ['b', 'c', 'd']) {
    writeFileSync(file, content)
    await watch.next()
  }
  expect(watch.reports).toHaveLength(3)
})

test('a file that an editor replaces is reported each time, and never while it is away', async () => {
  const { folder, file } = folderWith('0')
  const seen: string[] = []
  const watch = await watching([file], {
    onChange: () => {
      seen.push(existsSync(file) ? readFileSync(file, 'utf8') : 'missing')
    },
  })
  for (const content of ['1', '2', '3']) {
    renameSync(file, join(folder, 'llmr.yaml~')) // as vim does, with its backup
    writeFileSync(join(folder, 'new'), content)
    renameSync(join(folder, 'new'), file)
    await watch.next()
  }
  expect(seen).toEqual(['1', '2', '3'])
})

test('a file that is gone for an instant is not reported as gone', async () => {
  const { folder, file } = folderWith('old')
  const seen: string[] = []
  const watch = await watching([file], {
    pollIntervalMs: 1_000,
    settleMs: 0,
    onChange: () => {
      seen.push(existsSync(file) ? readFileSync(file, 'utf8') : 'missing')
    },
  })
  rmSync(file)
  for (let look = 0; look < 50; look++) await stat(folder) // time for the watch to look as often, and more than once
  writeFileSync(file, 'new')
  await watch.next()
  expect(seen).toEqual(['new'])
})

test('a folder that Kubernetes swaps behind a link is reported', async () => {
  const mount = temporaryFolder()
  const file = join(mount, 'llmr.yaml')
  const version = (name: string, content: string) => {
    mkdirSync(join(mount, name))
    writeFileSync(join(mount, name, 'llmr.yaml'), content)
    symlinkSync(name, join(mount, '..data_tmp'))
    renameSync(join(mount, '..data_tmp'), join(mount, '..data'))
  }
  version('..2030_01', 'old')
  symlinkSync('..data/llmr.yaml', file)
  const watch = await watching([file], { pollIntervalMs: 60_000 }) // so by the system's word, not by a look

  version('..2030_02', 'new')
  rmSync(join(mount, '..2030_01'), { recursive: true })
  expect(await watch.next()).toEqual([file])
  expect(readFileSync(file, 'utf8')).toBe('new')
})

test('a link that comes to point to a file elsewhere is reported', async () => {
  const { folder, file: old } = folderWith('old')
  const elsewhere = folderWith('new').file
  const link = join(folder, 'link.yaml')
  symlinkSync(old, link)
  const watch = await watching([link])
  symlinkSync(elsewhere, `${link}.new`)
  renameSync(`${link}.new`, link)
  expect(await watch.next()).toEqual([link])
})

test('a change of the file that a link points to is reported', async () => {
  const { file: target } = folderWith('old')
  const link = join(temporaryFolder(), 'llmr.yaml')
  symlinkSync(target, link)
  const watch = await watching([link])
  writeFileSync(target, 'newer')
  expect(await watch.next()).toEqual([link])
})

test('a file that comes into being in a folder that was not there is reported', async () => {
  const folder = join(temporaryFolder(), 'data', 'llmr')
  const file = join(folder, 'keys.json')
  const watch = await watching([file])
  mkdirSync(folder, { recursive: true })
  writeFileSync(file, '{}')
  expect(await watch.next()).toEqual([file])
})

test('a file that is gone for good is reported, and so is its return', async () => {
  const { file } = folderWith('a')
  const watch = await watching([file])
  rmSync(file)
  expect(await watch.next()).toEqual([file])
  writeFileSync(file, 'a')
  expect(await watch.next()).toEqual([file])
})

test('of several files the one that changed is named', async () => {
  const { folder, file } = folderWith('a')
  const keys = join(folder, 'keys.json')
  const watch = await watching([file, keys])
  writeFileSync(keys, '{}')
  expect(await watch.next()).toEqual([keys])
  writeFileSync(file, 'b')
  expect(await watch.next()).toEqual([file])
})

test('a file that comes into a folder is reported, as are its changes and its end; others in it are not', async () => {
  const { folder, file } = folderWith('a')
  const profiles = join(folder, 'profiles')
  const watch = await watching([file], { folders: [profiles] })
  const added = join(profiles, 'new.yaml')
  mkdirSync(profiles)
  writeFileSync(join(profiles, 'notes.txt'), 'none of our business')
  writeFileSync(added, 'profiles: {}')
  expect(await watch.next()).toEqual([added])
  writeFileSync(added, 'profiles: { }')
  expect(await watch.next()).toEqual([added])
  rmSync(added)
  expect(await watch.next()).toEqual([added])
})

test('a file of a folder that an editor replaces is never reported as gone', async () => {
  const { folder } = folderWith('a')
  const file = join(folder, 'one.yaml')
  writeFileSync(file, '0')
  const seen: (string | undefined)[] = []
  const watch = await watching([], {
    folders: [folder],
    pollIntervalMs: 300,
    onChange: () => void seen.push(existsSync(file) ? readFileSync(file, 'utf8') : undefined),
  })
  renameSync(file, `${file}.bak`)
  await new Promise(setImmediate)
  writeFileSync(file, '1')
  await watch.next()
  expect(seen).toEqual(['1'])
})

test('closing waits for the work in hand, and nothing is reported afterwards', async () => {
  const { file } = folderWith('a')
  const work = Promise.withResolvers<void>()
  const watch = await watching([file], { onChange: () => work.promise })
  writeFileSync(file, 'b')
  await watch.next()

  let isClosed = false
  const closed = Promise.all([watch.close(), watch.close()]).then(() => (isClosed = true))
  await new Promise(setImmediate)
  expect(isClosed).toBe(false)
  work.resolve()
  await closed
  writeFileSync(file, 'c')
  expect(watch.reports).toHaveLength(1)
})

test('a change that cannot be taken over is logged, and the next one is reported', async () => {
  const { file } = folderWith('a')
  const errors: LogFields[] = []
  const watch = await watching([file], {
    onChange: () => Promise.reject(new Error('no')),
    onError: (fields) => errors.push(fields),
  })
  writeFileSync(file, 'b')
  await watch.next()
  writeFileSync(file, 'c')
  await watch.next()
  await watch.close()
  expect(errors).toHaveLength(2)
})
