import { hash } from 'node:crypto'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, test } from 'vitest'

import { scopes } from '../../src/core/principal.ts'
import { createAuthenticator } from '../../src/http/auth/authenticator.ts'
import { readKeys } from '../../src/config/keys-file.ts'
import { ManualClock } from '../http/auth/manual-clock.ts'
import { runLlmr } from '../support/run-llmr.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const keys = (data: string, ...args: readonly string[]) => runLlmr(['keys', ...args, '--data', data])

describe('keys create', () => {
  test('prints nothing but the key to stdout, and how to use it and that it is shown once beside it', async () => {
    const { code, stdout, stderr } = await keys(temporaryFolder(), 'create', 'alice')
    expect(code).toBe(0)
    expect(stdout).toMatch(/^llmr_[\w-]{43}\n$/)
    expect(stderr).toMatch(/shown this once/)
    expect(stderr).toContain('Authorization: Bearer')
    expect(stderr).toContain('every client needs a key from now on')
    expect(stderr).not.toContain(stdout.trim())
  })

  test('keeps the digest and never the key, where only the owner can read', async () => {
    const data = temporaryFolder()
    const { stdout } = await keys(data, 'create', 'alice')
    const file = join(data, 'keys.json')
    const text = readFileSync(file, 'utf8')
    expect(text).toContain(hash('sha256', stdout.trim()))
    expect(text).not.toContain(stdout.trim())
    expect(statSync(file).mode & 0o777).toBe(0o600)
  })

  test('makes a key that opens the gateway to what the flags say, and no more', async () => {
    const data = temporaryFolder()
    const limits = [
      '--expires',
      '2099-12-31',
      '--max-concurrent',
      '2',
      '--rpm',
      '30',
      '--may-leave',
      'lan',
      '--memory',
      'window',
    ]
    const models = ['--model', 'qwen*', '--model', 'auto']
    const allScopes = scopes.flatMap((scope) => ['--scope', scope])
    const flags = ['--tenant', 'acme', '--trust-user-headers', ...limits, ...models, ...allScopes]
    const { stdout } = await keys(data, 'create', 'alice', ...flags)
    const stored = await readKeys(join(data, 'keys.json'))
    const authenticator = createAuthenticator({ keys: stored, required: true, clock: new ManualClock() })
    const principal = await authenticator.authenticate({ authorization: `Bearer ${stdout.trim()}` })
    expect(principal).toMatchObject({
      id: 'alice',
      tenant: 'acme',
      scopes: new Set(scopes),
      mayLeave: 'lan',
      recall: 'window',
      trustsUserHeaders: true,
      maxConcurrent: 2,
      requestsPerMinute: 30,
    })
    expect(['qwen3', 'auto', 'gpt-5'].map((model) => principal.mayUseModel?.(model))).toEqual([true, true, false])
    expect(stored[0]?.expires).toBe('2099-12-31')
  })

  test('without flags makes a key that may chat with every model and nothing else', async () => {
    const data = temporaryFolder()
    await keys(data, 'create', 'alice')
    const [stored] = await readKeys(join(data, 'keys.json'))
    expect(stored).toMatchObject({ tenant: 'default', scopes: ['chat'], trust_user_headers: false })
    expect(stored).not.toHaveProperty('models')
  })

  test('prints one object for programs, the key included', async () => {
    const { stdout } = await keys(temporaryFolder(), 'create', 'alice', '--json')
    const reply = JSON.parse(stdout) as Record<string, unknown>
    expect(reply).toMatchObject({ schema: 'llmr/keys-create/1', name: 'alice', scopes: ['chat'] })
    expect(hash('sha256', String(reply['key']))).toBe(reply['sha256'])
  })

  test('of a name that is taken fails, says what to do and changes nothing', async () => {
    const data = temporaryFolder()
    await keys(data, 'create', 'alice')
    const before = readFileSync(join(data, 'keys.json'), 'utf8')
    const { code, stdout, stderr } = await keys(data, 'create', 'alice')
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/"alice" exists.*revoke it first/)
    expect(stderr).toContain('→ `llmr keys list`')
    expect(readFileSync(join(data, 'keys.json'), 'utf8')).toBe(before)
  })

  test.each(['2020-01-01', '2099-02-30', 'tomorrow'])('that would expire on %s is a usage error', async (day) => {
    const { code, stdout } = await keys(temporaryFolder(), 'create', 'alice', '--expires', day, '--json')
    expect(code).toBe(2)
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'invalid_flag', message: expect.stringContaining(day) } })
  })
})

describe('keys list', () => {
  test('shows what each key may do, and neither key nor digest', async () => {
    const data = temporaryFolder()
    const created = await keys(data, 'create', 'alice', '--model', 'qwen*', '--rpm', '30')
    await keys(data, 'create', 'bob', '--scope', 'admin')
    const table = await keys(data, 'list')
    const json = await keys(data, 'list', '--json')
    expect(table.stdout).toMatch(/^NAME .*\nalice +chat +qwen\* +never +30\nbob +admin +all .*\n$/)
    expect(JSON.parse(json.stdout)).toMatchObject({
      schema: 'llmr/keys-list/1',
      keys: [{ name: 'alice' }, { name: 'bob' }],
    })
    for (const output of [table.stdout, table.stderr, json.stdout]) {
      expect(output).not.toContain(created.stdout.trim())
      expect(output).not.toContain(hash('sha256', created.stdout.trim()))
    }
  })

  test('without a key says how one is made', async () => {
    const { code, stdout, stderr } = await keys(temporaryFolder(), 'list')
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' })
    expect(stderr).toContain('llmr keys create NAME')
  })

  test('of a damaged file fails and says what to do, since no keys would mean no auth', async () => {
    const data = temporaryFolder()
    writeFileSync(join(data, 'keys.json'), '{"keys":')
    const { code, stdout } = await keys(data, 'list', '--json')
    expect(code).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'invalid_config', next_steps: [expect.any(String)] } })
  })
})

describe('keys revoke', () => {
  test('takes the key away and leaves the others', async () => {
    const data = temporaryFolder()
    await keys(data, 'create', 'alice')
    await keys(data, 'create', 'bob')
    const { code, stderr } = await keys(data, 'revoke', 'alice')
    expect(code).toBe(0)
    expect(stderr).not.toContain('auth is off')
    expect((await readKeys(join(data, 'keys.json'))).map(({ name }) => name)).toEqual(['bob'])
  })

  test('of the last key says that auth may be off now', async () => {
    const data = temporaryFolder()
    await keys(data, 'create', 'alice')
    const { stderr } = await keys(data, 'revoke', 'alice')
    expect(stderr).toMatch(/last one.*auth is off now/)
  })

  test('of an unknown name fails and names those there are', async () => {
    const data = temporaryFolder()
    await keys(data, 'create', 'bob')
    const { code, stderr } = await keys(data, 'revoke', 'alice')
    expect(code).toBe(1)
    expect(stderr).toMatch(/no key named "alice".*it holds bob/)
  })
})

test('without --data the keys are where the environment says', async () => {
  const data = temporaryFolder()
  await runLlmr(['keys', 'create', 'alice'], { env: { LLMR_DATA: data } })
  expect(await readKeys(join(data, 'keys.json'))).toHaveLength(1)
})
