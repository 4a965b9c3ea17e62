import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { loadPolicy, policyOfRun } from '../../../src/gateway/configure/load-policy.ts'
import { residentModel, viewOf, waitingModel } from '../../scheduling/policies/views.ts'
import { runLlmr } from '../../support/run-llmr.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const page = join(import.meta.dirname, '../../../docs/swapping.md')
const trace = join(import.meta.dirname, '../../fixtures/traces/micro-hog.jsonl')

function moduleOf(code: string, folder = temporaryFolder()): string {
  const file = join(folder, 'mine.mjs')
  writeFileSync(file, code, { mode: 0o644 })
  return file
}

function example(): string {
  const [, code = ''] = /```js\n([\s\S]*?)```/.exec(readFileSync(page, 'utf8')) ?? []
  return code
}

test('the example of docs/swapping.md spares the coder until somebody has waited too long', async () => {
  expect(example().split('\n').length).toBeLessThanOrEqual(20)
  const policy = await loadPolicy(moduleOf(example()))
  const view = (dueAtMs: number) =>
    viewOf({
      waiting: [waitingModel('chat', { waitedMs: 1e9, dueAtMs })],
      residents: [residentModel('coder', { bytes: 20 })],
    })
  expect(policy.name).toBe('mine')
  expect(policy.nextSwap(view(60_000)).kind).toBe('wait')
  expect(policy.nextSwap(view(0))).toMatchObject({ kind: 'swap', target: 'chat', evict: ['coder'], isForced: true })
})

test.each([
  ['exports no policy', 'export const name = 1', /export a function nextSwap/],
  ['does not load', 'throw new Error("at its top level")', /cannot be loaded: Error: at its top level/],
  ['is no JavaScript', 'export function (', /cannot be loaded: SyntaxError/],
])('a module that %s is refused with the reason', async (_, code, reason) => {
  await expect(loadPolicy(moduleOf(code))).rejects.toMatchObject({ code: 'invalid_request', message: reason })
})

test('a module that others can write to, or put another in place of, is not run', async () => {
  const file = moduleOf('throw new Error("was run")')
  chmodSync(file, 0o646)
  await expect(loadPolicy(file)).rejects.toThrow(/everybody may write/)

  const folder = join(temporaryFolder(), 'open')
  mkdirSync(folder)
  const replaceable = moduleOf('throw new Error("was run")', folder)
  chmodSync(folder, 0o777)
  await expect(loadPolicy(replaceable)).rejects.toThrow(/everybody may replace/)

  const link = join(temporaryFolder(), 'link.mjs')
  symlinkSync(replaceable, link)
  await expect(loadPolicy(link)).rejects.toThrow(/everybody may replace/)
  await expect(loadPolicy(join(folder, 'none.mjs'))).rejects.toThrow(/cannot be read \(ENOENT\)/)
})

test.runIf(process.getuid?.() === 0)("another user's module is not run", async () => {
  const file = moduleOf('throw new Error("was run")')
  chownSync(file, 12_345, 12_345)
  await expect(loadPolicy(file)).rejects.toThrow(/belongs to user 12345/)
})

test('a module stays for as long as the gateway runs; between its own policies llmr changes at once', async () => {
  const mine = moduleOf('export function nextSwap() { return { kind: "wait" } }')
  const withModule = policyOfRun()
  expect((await withModule(mine)).name).toBe('mine')
  expect((await withModule('fifo')).name).toBe('mine')
  const without = policyOfRun()
  expect((await without('ripe')).name).toBe('ripe')
  expect((await without('fifo')).name).toBe('fifo')
  expect((await without(mine)).name).toBe('ripe')
})

test('llmr config check looks at the module and does not run it', async () => {
  const folder = temporaryFolder()
  const witness = join(folder, 'it-was-run')
  const file = moduleOf(
    `import { writeFileSync } from 'node:fs'\nwriteFileSync(${JSON.stringify(witness)}, '')`,
    folder,
  )
  const config = join(folder, 'llmr.yaml')
  writeFileSync(config, 'scheduling: { policy: ./mine.mjs }\n')
  const fine = await runLlmr(['config', 'check', '--config', config])
  expect(fine.code, fine.stderr).toBe(0)
  chmodSync(file, 0o666)
  const open = await runLlmr(['config', 'check', '--config', config])
  expect(open.code).not.toBe(0)
  expect(open.stdout + open.stderr).toMatch(/llmr\.yaml:1:\d+.*scheduling\.policy.*everybody may write/s)
  expect(existsSync(witness)).toBe(false)
})

test('llmr sim swaps tries it on a recorded workload, beside the others', async () => {
  const file = moduleOf(example())
  const { code, stdout, stderr } = await runLlmr(['sim', 'swaps', trace, '--no-floor', '--policy', `ripe,${file}`])
  expect(code, stderr).toBe(0)
  expect(stdout).toMatch(/^ripe +\d+/m)
  expect(stdout).toMatch(/^mine +\d+/m)
})
