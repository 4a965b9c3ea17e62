import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, expect, test } from 'vitest'

import { runLlmr } from '../support/run-llmr.ts'

// One for the file: the tests run side by side, and a hook of one test cannot be told from another's.
const root = mkdtempSync(join(tmpdir(), 'llmr-test-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

function newFolder(): string {
  return mkdtempSync(join(root, 'folder-'))
}

function fileWith(content: string): { file: string; folder: string } {
  const folder = newFolder()
  const file = join(folder, 'llmr.yaml')
  writeFileSync(file, content)
  return { file, folder }
}

const broken = 'listen:\n  prot: 1\nbackends:\n  a: {url: http://a, api_key: s3cr3t-7Q9xZ, kind: vlm}\n'

test.concurrent('config check prints every problem as file:line:column, path and message, and exits with 3', async () => {
  const { file } = fileWith(broken)
  const { code, stdout, stderr } = await runLlmr(['config', 'check', file])
  expect(stdout.trimEnd().split('\n')).toEqual([
    `${file}:2:3  listen.prot  unknown key; did you mean "port"?`,
    expect.stringMatching(/:4:51 {2}backends\.a\.kind {2}expected one of auto, .*did you mean "vllm"\?$/),
  ])
  expect(stderr).toBe(`${file}: 2 problems\n`)
  expect(code).toBe(3)
})

test.concurrent("another program's configuration is known, and it is said what to do with it", async () => {
  const { file } = fileWith('models:\n  a: {cmd: llama-server --port 1 -m a.gguf}\n')
  const checked = await runLlmr(['config', 'check', file])
  expect([checked.code, checked.stderr.split('\n')[1]]).toEqual([
    3,
    `${file} is a configuration of llama-swap: \`llmr profiles import ${file} > llmr.yaml\` makes one for llmr of it.`,
  ])
  const normalised = await runLlmr(['profiles', 'normalise', file])
  expect([normalised.code, normalised.stdout]).toEqual([1, ''])
  expect(normalised.stderr).toContain('is a configuration of llama-swap')
})

test.concurrent('config check --json prints one object', async () => {
  const { file } = fileWith(broken)
  const { code, stdout } = await runLlmr(['config', 'check', file, '--json'])
  expect(JSON.parse(stdout)).toMatchObject({
    schema: 'llmr/config-check/1',
    file,
    origin: 'flag',
    ok: false,
    problems: [{ file, line: 2, column: 3, path: 'listen.prot', code: 'unknown_key' }, { line: 4 }],
    warnings: [],
  })
  expect(code).toBe(3)
})

test.concurrent('config check finds the file that serve would use, and says which', async () => {
  const { file, folder } = fileWith('models: {qwen: {}}\nrouting: {default_model: qwne}\n')
  const { code, stdout, stderr } = await runLlmr(['config', 'check'], { cwd: folder })
  expect(stdout).toContain(':2:26  routing.default_model  warning: no model here is named "qwne"')
  expect(stderr).toBe(`${file}: fine, 1 warning\n`)
  expect(code).toBe(0)
})

test.concurrent('config check without any file is fine', async () => {
  const { code, stderr } = await runLlmr(['config', 'check'], { cwd: newFolder() })
  expect(stderr).toContain('There is no configuration file')
  expect(code).toBe(0)
})

test.concurrent('config check of a file that is not there fails and says what to do', async () => {
  const { code, stdout, stderr } = await runLlmr(['config', 'check', '/nonexistent/llmr.yaml'])
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
  expect(stderr).toMatch(/was not checked: there is no such file\.\n {2}→ /)

  const json = await runLlmr(['config', 'check', '/nonexistent/llmr.yaml', '--json'])
  expect(json.code).toBe(1)
  expect(JSON.parse(json.stdout)).toMatchObject({ schema: 'llmr/error/1', error: { code: 'unreadable' } })
})

test.concurrent('a file for another machine is checked without the keys and certificates of this one', async () => {
  const { file, folder } = fileWith('listen: {host: 0.0.0.0, tls: {cert: /no/cert.pem, key: /no/key.pem}}\n')
  const env = { LLMR_DATA: folder }
  expect((await runLlmr(['config', 'check', file], { env })).code).toBe(3)
  expect(await runLlmr(['config', 'check', file, '--elsewhere'], { env })).toMatchObject({ code: 0, stdout: '' })
})

test.concurrent('config show prints what counts, with secrets masked', async () => {
  const { file } = fileWith('backends: {a: {url: "http://${env.HOST}:1", api_key: "${env.KEY}"}}\n')
  const env = { HOST: 'gpu.lan', KEY: 's3cr3t-7Q9xZ' }
  const { code, stdout, stderr } = await runLlmr(['config', 'show', '--config', file], { env })
  expect(code).toBe(0)
  expect(stdout).toContain('url: http://gpu.lan:1\n')
  expect(stdout).toContain('api_key: "***"\n')
  expect(stdout).toContain('first_byte_timeout: 10m\n')
  expect(stderr).toContain(file)

  const again = fileWith(stdout)
  expect((await runLlmr(['config', 'check', again.file])).code).toBe(0)
  expect((await runLlmr(['config', 'show', '--config', file, '--json'], { env })).stdout).not.toContain('7Q9xZ')
})

test.concurrent('config show of a broken file fails with the problems and no secret', async () => {
  const { file } = fileWith(broken)
  const { code, stdout, stderr } = await runLlmr(['config', 'show', '--config', file])
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
  expect(stderr).toContain(':2:3  listen.prot')
  expect(stderr).not.toContain('7Q9xZ')
})

test.concurrent('config schema prints the JSON Schema alone', async () => {
  const { code, stdout, stderr } = await runLlmr(['config', 'schema'])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(JSON.parse(stdout)).toMatchObject({ $schema: 'http://json-schema.org/draft-07/schema#', title: 'llmr.yaml' })
})

test.concurrent('the shipped example is fine for whoever sets its variables', async () => {
  const example = join(import.meta.dirname, '../../docs/llmr.example.yaml')
  const env = { ATTIC_API_KEY: 'a', CLOUD_API_KEY: 'b' }
  expect(await runLlmr(['config', 'check', example], { env })).toMatchObject({ code: 0, stdout: '' })
  const { code, stdout } = await runLlmr(['config', 'check', example])
  const lines = readFileSync(example, 'utf8').split('\n')
  const unset = lines.flatMap((line, index) => (/env\.\w+\}/.test(line) ? [index + 1] : []))
  expect(
    stdout
      .trimEnd()
      .split('\n')
      .map((line) => Number(line.split(':')[1])),
  ).toEqual(unset)
  expect(code).toBe(3)
})
