import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { fileNameOf, openLogFile } from '../../../src/lifecycle/output/log-file.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

test('a log is written in order, and closing waits for all of it', async () => {
  const folder = temporaryFolder()
  const file = await openLogFile({ folders: [folder], model: 'tiny' })
  for (let count = 0; count < 1_000; count++) file.write(Buffer.from(`${count}\n`))
  await Promise.all([file.close(), file.close()])
  file.write(Buffer.from('too late'))
  const written = readFileSync(join(folder, 'tiny.log'), 'utf8')
  expect(written).toBe(Array.from({ length: 1_000 }, (_, count) => `${count}\n`).join(''))
})

test('it begins anew at its bound, and the part before is kept: never more than two files', async () => {
  const folder = temporaryFolder()
  const file = await openLogFile({ folders: [folder], model: 'tiny', bytesMax: 1_000 })
  for (const part of ['a', 'b', 'c']) {
    file.write(Buffer.from(part.repeat(800)))
    // Each is a write of its own as soon as the one before has reached the disk.
    await expect.poll(() => readFileSync(join(folder, 'tiny.log'), 'utf8')).toBe(part.repeat(800))
  }
  await file.close()
  expect(readdirSync(folder).sort()).toEqual(['tiny.1.log', 'tiny.log'])
  expect(readFileSync(join(folder, 'tiny.1.log'), 'utf8')).toBe('b'.repeat(800))
  expect(readFileSync(join(folder, 'tiny.log'), 'utf8')).toBe('c'.repeat(800))
})

test('what a disk cannot take in time is left out and counted, instead of filling the memory', async () => {
  const folder = temporaryFolder()
  const file = await openLogFile({ folders: [folder], model: 'tiny' })
  for (let count = 0; count < 40; count++) file.write(Buffer.alloc(100_000, 'x'))
  await file.close()
  expect(readFileSync(join(folder, 'tiny.log'), 'utf8')).toMatch(/\[llmr: \d+ bytes left out\]/)
  expect(statSync(join(folder, 'tiny.log')).size).toBeLessThan(2_000_000)
})

test('the first folder that can be written counts, and those passed over are told with the reason', async () => {
  const place = temporaryFolder()
  writeFileSync(join(place, 'file'), '')
  const folders = [join(place, 'file', 'logs'), '/proc/llmr', join(place, 'made', 'for', 'it')]
  const file = await openLogFile({ folders, model: 'tiny' })
  expect(file.path).toBe(join(place, 'made', 'for', 'it', 'tiny.log'))
  expect(file.passedOver).toHaveLength(2)
  expect(file.passedOver[0]).toMatch(/logs: ENOTDIR/)
  await file.close()
})

test('names of models become names of files that differ when the models do', () => {
  expect(fileNameOf('qwen3-4b')).toBe('qwen3-4b')
  expect(fileNameOf('a/b')).not.toBe(fileNameOf('a:b'))
  expect(fileNameOf('../../etc/passwd')).toMatch(/^_[\w.-]*-[0-9a-f]{8}$/)
})
