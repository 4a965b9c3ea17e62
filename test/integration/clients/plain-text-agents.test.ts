import { execFile } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, test } from 'vitest'

import { listAt, objectAt, parseForeignJson, textAt } from '../../../src/core/foreign-json.ts'
import type { Script } from '../../../src/sim/engine-options.ts'
import { startSimulatedEngine } from '../../../src/sim/simulated-engine.ts'
import { closeAfterEach } from '../../support/resources.ts'
import { startTestGateway } from '../../support/start-gateway.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const keep = closeAfterEach()

/** The real programs; whoever wants them asked names them. */
const opencode = process.env['LLMR_TEST_OPENCODE']
const continueCli = process.env['LLMR_TEST_CONTINUE']

const task = 'Read hello.txt and write the port into out.txt'

/** An engine that only speaks plain text, a gateway before it, and a home for one client. */
async function start() {
  const home = temporaryFolder()
  writeFileSync(join(home, 'hello.txt'), 'the port is 8411\n')
  const engine = keep(
    await startSimulatedEngine({
      model: 'm',
      contextLength: 200_000,
      toolTemplate: false,
      script: ({ path, text }) =>
        path === '/v1/chat/completions' ? playModel(parseForeignJson(text), home) : undefined,
    }),
  )
  const gateway = keep(await startTestGateway(`backends: { gpu: { url: "${engine.url}", kind: llama.cpp } }`))
  const run = (program: string, args: readonly string[]) =>
    new Promise<string>((resolve, reject) => {
      const env = {
        PATH: process.env['PATH'],
        HOME: home,
        CONTINUE_TELEMETRY_ENABLED: '0',
        OPENCODE_DISABLE_AUTOUPDATE: '1',
        OPENCODE_DISABLE_MODELS_FETCH: '1',
      }
      const child = execFile(program, args, { cwd: home, env, timeout: 50_000 }, (error, stdout, stderr) =>
        error === null ? resolve(stdout) : reject(new Error(`${error.message}\n${stdout}\n${stderr}`)),
      )
      child.stdin?.end()
    })
  return { home, gateway, run, written: () => readFileSync(join(home, 'out.txt'), 'utf8') }
}

/** Reads, writes and says so, with the tools that it finds explained to it in text. */
function playModel(json: unknown, home: string): Script {
  const [first, ...others] = listAt(json, 'messages')
  const tools = Array.from((textAt(first, 'content') ?? '').matchAll(/^\{"name":.*$/gm), ([line]) =>
    parseForeignJson(line),
  )
  if (tools.length === 0) return { content: 'A title' }
  const results = others.filter((message) => (textAt(message, 'content') ?? '').includes('<tool_response>')).length
  if (results === 0) return { content: callOf(tools, /^read/i, { path: join(home, 'hello.txt') }) }
  if (results === 1)
    return { content: callOf(tools, /^write/i, { path: join(home, 'out.txt'), content: 'port=8411\n' }) }
  return { content: 'Done: the port is 8411.' }
}

/** Each client calls its parameters otherwise. */
function callOf(tools: readonly unknown[], wanted: RegExp, values: Readonly<Record<string, string>>): string {
  const tool = tools.find((candidate) => wanted.test(textAt(candidate, 'name') ?? ''))
  const parameters = Object.keys(objectAt(tool, 'parameters', 'properties') ?? {})
  const named = Object.entries(values).map(([name, value]) => [
    parameters.find((parameter) => parameter.toLowerCase().includes(name)) ?? name,
    value,
  ])
  const call = { name: textAt(tool, 'name'), arguments: Object.fromEntries(named) }
  return `I do it.\n<tool_call>\n${JSON.stringify(call)}\n</tool_call>`
}

describe.skipIf(opencode === undefined)('the real opencode (skipped without LLMR_TEST_OPENCODE)', () => {
  test('reads and writes files by a model that only speaks plain text', { timeout: 60_000 }, async () => {
    const { home, gateway, run, written } = await start()
    const provider = {
      npm: '@ai-sdk/openai-compatible',
      name: 'llmr',
      options: { baseURL: `${gateway.url}/v1`, apiKey: 'any' },
      models: { m: { name: 'm', tool_call: true, limit: { context: 200_000, output: 4096 } } },
    }
    writeFileSync(
      join(home, 'opencode.json'),
      JSON.stringify({ permission: { edit: 'allow' }, provider: { llmr: provider } }),
    )
    expect(await run(opencode ?? '', ['run', '-m', 'llmr/m', task])).toContain('Done: the port is 8411.')
    expect(written()).toBe('port=8411\n')
  })
})

describe.skipIf(continueCli === undefined)("Continue's cn (skipped without LLMR_TEST_CONTINUE)", () => {
  test('reads and writes files by a model that only speaks plain text', { timeout: 60_000 }, async () => {
    const { home, gateway, run, written } = await start()
    const config = join(home, 'config.yaml')
    const model = `{ name: m, provider: openai, model: m, apiBase: "${gateway.url}/v1", apiKey: any, roles: [chat], capabilities: [tool_use] }`
    writeFileSync(config, `name: test\nversion: 1.0.0\nschema: v1\nmodels: [${model}]\n`)
    expect(await run(continueCli ?? '', ['-p', '--auto', '--config', config, task])).toContain(
      'Done: the port is 8411.',
    )
    expect(written()).toBe('port=8411\n')
  })
})
