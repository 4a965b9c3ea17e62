import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, expect, test } from 'vitest'

import { tinyGguf } from '../services/tiny-gguf.ts'
import { runLlmr } from '../support/run-llmr.ts'

const root = mkdtempSync(join(tmpdir(), 'llmr-test-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

const tiny = join(root, 'tiny.gguf')
writeFileSync(tiny, tinyGguf())

function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(root, 'folder-'))
  for (const [name, content] of Object.entries(files)) {
    if (name.includes('/')) mkdirSync(join(folder, name, '..'), { recursive: true })
    writeFileSync(join(folder, name), content)
  }
  return folder
}

const usable = `profiles:\n  a: {extends: qwen3, model: ${tiny}, binary: ${process.execPath}, context: 4096, tags: [small]}\n`

test.concurrent('profiles list shows what can be launched, from every file beside llmr.yaml', async () => {
  const cwd = folderWith({
    'llmr.yaml': usable,
    'profiles/more.yaml': 'profiles: {b: {engine: command, command: "x ${PORT}"}}',
  })
  const { code, stdout } = await runLlmr(['profiles', 'list'], { cwd })
  expect({ code, lines: stdout.split('\n').map((line) => line.split(/ +/).slice(0, 4)) }).toMatchObject({
    code: 0,
    lines: [
      ['PROFILE', 'ENGINE', 'CONTEXT', 'WHAT'],
      ['a', 'llama-server', '4096', 'tiny.gguf'],
      ['b', 'command', '-', '-'],
      [''],
    ],
  })
})

test.concurrent('profiles list --all --json adds what can be extended, with its file', async () => {
  const { stdout } = await runLlmr(['profiles', 'list', '--all', '--tag', 'embedding', '--json'], {
    cwd: folderWith({}),
  })
  const { schema, profiles } = JSON.parse(stdout)
  expect(schema).toBe('llmr/profiles-list/1')
  expect(profiles).toContainEqual(
    expect.objectContaining({
      name: 'bge',
      isTemplate: true,
      file: expect.stringMatching(/profiles\/retrieval\.yaml$/),
    }),
  )
})

test.concurrent('profiles validate tells every problem at its line, and exits with 3', async () => {
  const cwd = folderWith({
    'llmr.yaml': [
      'profiles:',
      '  a:',
      '    model: missing.gguf',
      `    binary: ${process.execPath}`,
      '    port: 8411',
      '    flags:',
      '      flash_attn: maybe',
      '      ctx_sise: 3',
      '  b: {engine: command, command: "serve | tee log"}',
    ].join('\n'),
  })
  const { code, stdout, stderr } = await runLlmr(['profiles', 'validate'], { cwd })
  const places = stdout
    .trimEnd()
    .split('\n')
    .map((line) => line.slice(cwd.length + '/llmr.yaml:'.length))
  expect(places).toEqual([
    expect.stringMatching(/^3:12 {2}profiles\.a\.model {2}.*missing\.gguf cannot be read \(ENOENT\)$/),
    expect.stringMatching(/^5:11 {2}profiles\.a\.port {2}llmr itself listens on port 8411/),
    expect.stringMatching(/^7:19 {2}profiles\.a\.flags\.flash_attn {2}expected one of on, off, auto/),
    expect.stringMatching(/^8:7 {2}profiles\.a\.flags\.ctx_sise {2}.*did you mean "ctx-size"\?$/),
    expect.stringMatching(/^9:33 {2}profiles\.b\.command {2}"\|" would need a shell/),
  ])
  expect(stderr).toContain('2 profiles of')
  expect(code).toBe(3)
})

test.concurrent('profiles validate of usable profiles is fine, and names one that is not there', async () => {
  const cwd = folderWith({ 'llmr.yaml': usable })
  expect(await runLlmr(['profiles', 'validate'], { cwd })).toMatchObject({ code: 0, stdout: '' })
  const { code, stderr } = await runLlmr(['profiles', 'validate', '--profile', 'zz'], { cwd })
  expect({ code, stderr }).toEqual({ code: 2, stderr: 'Error: There is no profile zz.\n  → There are a.\n' })
})

test.concurrent('profiles for another machine are checked without its files', async () => {
  const cwd = folderWith({
    'llmr.yaml': 'profiles: {a: {model: /far/away.gguf, binary: /far/llama-server, cwd: /far}}',
  })
  expect((await runLlmr(['profiles', 'validate'], { cwd })).code).toBe(3)
  expect(await runLlmr(['profiles', 'validate', '--elsewhere'], { cwd })).toMatchObject({ code: 0, stdout: '' })
})

test.concurrent('a log folder that cannot be made is found before the start, and one that can be is fine', async () => {
  const text = (folder: string): string =>
    `profiles: {a: {engine: command, command: "${process.execPath} \${PORT}", log: {folder: ${folder}}}}`
  const good = folderWith({ 'llmr.yaml': text('logs/engines') })
  expect((await runLlmr(['profiles', 'validate'], { cwd: good })).code).toBe(0)
  const bad = folderWith({ 'llmr.yaml': text('/proc/1/logs') })
  const { code, stdout } = await runLlmr(['profiles', 'validate'], { cwd: bad })
  // The superuser may write anywhere the file system lets him.
  if (process.getuid?.() !== 0)
    expect({ code, stdout }).toMatchObject({ code: 3, stdout: expect.stringContaining('cannot be written') })
})

test.concurrent('profiles normalise prints the file, changes it with --write, and a second run finds nothing to do', async () => {
  const text = 'profiles:\n  a:\n    model: x/y\n    flags:\n      n_ctx: 1 # short\n      no_mmap: yes\n'
  const cwd = folderWith({ 'p.yaml': text })
  const shown = await runLlmr(['profiles', 'normalise', 'p.yaml'], { cwd, env: { PATH: '/nonexistent' } })
  expect(shown).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('      ctx-size: 1 # short\n      load-mode: none\n'),
  })
  expect(readFileSync(join(cwd, 'p.yaml'), 'utf8')).toBe(text)

  await runLlmr(['profiles', 'normalise', 'p.yaml', '--write'], { cwd, env: { PATH: '/nonexistent' } })
  expect(readFileSync(join(cwd, 'p.yaml'), 'utf8')).toBe(shown.stdout)
  const again = await runLlmr(['profiles', 'normalise', 'p.yaml', '--write'], { cwd, env: { PATH: '/nonexistent' } })
  expect(again).toMatchObject({ code: 0, stderr: 'p.yaml: 0 changed, 0 not known\n' })
})

test.concurrent('profiles import prints a file that llmr can use', async () => {
  const example = join(import.meta.dirname, '../fixtures/profiles/llama-swap.yaml')
  const { code, stdout } = await runLlmr(['profiles', 'import', example])
  expect(code).toBe(0)
  const cwd = folderWith({ 'llmr.yaml': stdout })
  expect(await runLlmr(['config', 'check'], { cwd, env: { BOX_API_KEY: 'x' } })).toMatchObject({ code: 0, stdout: '' })
  expect(await runLlmr(['profiles', 'import', '-'], { stdin: 'nothing: known' })).toMatchObject({ code: 2, stdout: '' })
})

test.concurrent('profiles fit compares with the memory that is named, and exits with 3 when it is too little', async () => {
  const enough = await runLlmr(['profiles', 'fit', tiny, '--vram', '24GiB', '--context', '2048'])
  expect(enough).toMatchObject({ code: 0, stdout: expect.stringContaining('It fits, with 23.6') })
  const { code, stdout } = await runLlmr(['profiles', 'fit', tiny, '--vram', '100MiB', '--json'])
  expect(JSON.parse(stdout)).toMatchObject({
    schema: 'llmr/profiles-fit/1',
    verdict: { isFitting: false },
    estimate: { kvBytes: 8192 * 128 * 2 },
  })
  expect(code).toBe(3)
})

test.concurrent('profiles fit takes a profile by its name, and says what there is when it finds none', async () => {
  const cwd = folderWith({ 'llmr.yaml': usable.replace('  a:', '  small:') })
  expect((await runLlmr(['profiles', 'fit', 'small', '--vram', '1GiB'], { cwd })).stdout).toContain(
    '4096 tokens for 1 request',
  )
  expect(await runLlmr(['profiles', 'fit', 'smal'], { cwd })).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('did you mean "small"?'),
  })
  expect(await runLlmr(['profiles', 'fit', tiny, '--vram', 'much'])).toMatchObject({ code: 2 })
})
