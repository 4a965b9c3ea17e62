import { mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

import { z } from 'zod'

import { LlmrError } from '../core/error.ts'
import { ConfigError } from './config-error.ts'
import { parseFile } from './parse-file.ts'
import { keySchema } from './sections/key.ts'
import type { KeyConfig } from './schema.ts'

/** A key as it is added; what is left out gets the defaults of `auth.keys[]`. */
export type NewKey = z.input<typeof keySchema>

const fileSchema = z.strictObject({
  format: z.literal('llmr-keys'),
  version: z.literal(1),
  keys: z.array(keySchema),
})

/** How long a change waits for another llmr that is changing the same file. */
const lockTimeoutMs = 2_000
const lockRetryMs = 20

/** Where the keys of `llmr keys create` are kept. */
export function keysFile(dataDirectory: string): string {
  return join(dataDirectory, 'keys.json')
}

/**
 * The stored keys; none when there is no file yet.
 *
 * @throws ConfigError when the file cannot be read or holds something else. Never guess here: an empty list would open
 *   a gateway whose keys were merely damaged.
 */
export async function readKeys(file: string): Promise<readonly KeyConfig[]> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return []
    throw unusable(file, `expected a readable file of keys, got ${describeErrno(error)}; check its owner and mode`)
  }
  return parseKeys(text, file)
}

/**
 * Adds one key and returns it with its defaults. The folder gets mode 0700 and the file 0600.
 *
 * @throws LlmrError `invalid_request` when the name is taken or a field is wrong.
 */
export function addKey(file: string, key: NewKey): Promise<KeyConfig> {
  const parsed = keySchema.safeParse(key)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    const field = issue?.path.join('.') ?? ''
    return Promise.reject(new LlmrError('invalid_request', `${field}: ${issue?.message}`, { param: field }))
  }
  return changeKeys(file, (keys) => {
    if (keys.some(({ name }) => name === parsed.data.name)) {
      throw new LlmrError(
        'invalid_request',
        `A key named "${parsed.data.name}" exists; choose another name, or revoke it first.`,
        { param: 'name' },
      )
    }
    return { keys: [...keys, parsed.data], result: parsed.data }
  })
}

/**
 * Removes one key and returns it.
 *
 * @throws LlmrError `invalid_request` when there is none of that name.
 */
export function revokeKey(file: string, name: string): Promise<KeyConfig> {
  return changeKeys(file, (keys) => {
    const revoked = keys.find((key) => key.name === name)
    if (revoked === undefined) {
      const names = keys.map((key) => key.name).join(', ')
      throw new LlmrError(
        'invalid_request',
        `There is no key named "${name}" in ${file}; it holds ${names === '' ? 'none' : names}.`,
        { param: 'name' },
      )
    }
    return { keys: keys.filter((key) => key !== revoked), result: revoked }
  })
}

type Change<Result> = (keys: readonly KeyConfig[]) => { readonly keys: readonly KeyConfig[]; readonly result: Result }

/**
 * Read, change, replace. The new content is written to a file that is made exclusively, so it is the lock as well; the
 * rename publishes it and gives the lock back in one step, and a reader sees the old file or the new one, never a half.
 */
async function changeKeys<Result>(file: string, change: Change<Result>): Promise<Result> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  const pending = `${file}.new`
  const handle = await openExclusive(pending)
  try {
    const { keys, result } = change(await readKeys(file))
    await handle.writeFile(`${JSON.stringify({ format: 'llmr-keys', version: 1, keys }, null, 2)}\n`)
    await handle.sync()
    await handle.close()
    await rename(pending, file)
    return result
  } catch (error) {
    await handle.close()
    await rm(pending, { force: true })
    throw error
  }
}

async function openExclusive(pending: string): Promise<FileHandle> {
  const deadline = performance.now() + lockTimeoutMs
  for (;;) {
    try {
      return await open(pending, 'wx', 0o600)
    } catch (error) {
      if (!isErrno(error, 'EEXIST')) throw error
      if (performance.now() >= deadline) {
        throw unusable(
          pending,
          'another llmr is changing the keys, or was stopped while it did; if none is running, delete this file',
        )
      }
      await delay(lockRetryMs) // no event tells that a file was renamed away by another process
    }
  }
}

function parseKeys(text: string, file: string): readonly KeyConfig[] {
  if (text.trim() === '') throw unusable(file, 'is empty; restore it, or delete it and create the keys again')
  const { value, problems } = parseFile({ text, file, schema: fileSchema })
  if (value === undefined) throw new ConfigError(problems)
  return value.keys
}

function unusable(file: string, message: string): ConfigError {
  return new ConfigError([{ file, line: 1, column: 1, path: '', message, code: 'unreadable' }])
}

function isErrno(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}

function describeErrno(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'an error'
}
