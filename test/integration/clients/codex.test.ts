import { execFile } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'

import { describe, expect, test } from 'vitest'

import { at, listAt, parseForeignJson, textAt } from '../../../src/core/foreign-json.ts'
import type { Script } from '../../../src/sim/engine-options.ts'
import { startSimulatedEngine } from '../../../src/sim/simulated-engine.ts'
import { closeAfterEach } from '../../support/resources.ts'
import { startTestGateway } from '../../support/start-gateway.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const keep = closeAfterEach()

/** The real program, of some hundred megabytes; whoever wants it asked names it. */
const codex = process.env['LLMR_TEST_CODEX']

/** An engine that plays a model, a gateway before it, and Codex in a home of its own. */
async function start({ contextLength = 200_000, silenceMs = 0 } = {}) {
  const home = temporaryFolder()
  writeFileSync(join(home, 'hello.txt'), 'hello from the file\n')
  const asked: unknown[] = []
  const engine = keep(
    await startSimulatedEngine({
      model: 'm',
      contextLength,
      script: ({ text }) => {
        const json = parseForeignJson(text)
        if (listAt(json, 'messages').length === 0) return undefined
        asked.push(json)
        return { ...playModel(json), beforePiece: (index) => (index === 0 ? setTimeout(silenceMs) : undefined) }
      },
    }),
  )
  const gateway = keep(
    await startTestGateway(`
      backends: { gpu: { url: "${engine.url}", kind: llama.cpp } }
      dialects: { keep_alive: { interval: 300ms } }
    `),
  )
  mkdirSync(join(home, '.codex'))
  writeFileSync(join(home, '.codex/config.toml'), configFor(gateway.url))
  const run = (...args: readonly string[]) =>
    new Promise<string>((resolve, reject) => {
      const env = { PATH: process.env['PATH'], HOME: home, LLMR_KEY: 'any' }
      const whole = ['exec', ...args]
      const child = execFile(codex ?? '', whole, { cwd: home, env, timeout: 25_000 }, (error, stdout, stderr) =>
        error === null ? resolve(stdout) : reject(new Error(`${error.message}\n${stdout}\n${stderr}`)),
      )
      child.stdin?.end()
    })
  return { engine, asked, run }
}

/** How long it waits for the next event; comments do not count. */
const patienceMs = 1_500

function configFor(url: string): string {
  return `
model = "m"
model_provider = "llmr"
check_for_update_on_startup = false
[analytics]
enabled = false
[model_providers.llmr]
name = "llmr"
base_url = "${url}/v1"
env_key = "LLMR_KEY"
wire_api = "responses"
stream_max_retries = 1
stream_idle_timeout_ms = ${patienceMs}
`
}

/** Reads the file when it is asked to and has not yet, says what it read, and else names a town. */
function playModel(json: unknown): Script {
  const messages = listAt(json, 'messages')
  const last = messages.at(-1)
  if (at(last, 'role') === 'tool')
    return { reasoning: 'Now I know.', content: `It says: ${textAt(last, 'content') ?? ''}` }
  if (!JSON.stringify(last).includes('Read hello.txt')) return { content: 'Paris.' }
  return {
    reasoning: 'I should read it.',
    content: 'I will read it.',
    toolCalls: [{ name: 'exec_command', arguments: { cmd: 'cat hello.txt' } }],
  }
}

const flags = ['--skip-git-repo-check', '--dangerously-bypass-approvals-and-sandbox']

describe.skipIf(codex === undefined)('the real Codex (skipped without LLMR_TEST_CODEX)', () => {
  test('answers, calls a tool and goes on later, and each request begins as the one before', async () => {
    const { asked, run } = await start()
    expect(await run(...flags, 'Read hello.txt and tell me what is in it')).toContain('hello from the file')
    expect(await run('resume', '--last', ...flags, 'What is the capital of France?')).toContain('Paris.')
    const conversations = asked.map((json) => listAt(json, 'messages'))
    expect(conversations.length).toBe(3)
    for (const [index, messages] of conversations.entries()) {
      const before = conversations[index - 1] ?? []
      expect(messages.slice(0, before.length)).toEqual(before)
    }
  })

  test('waits for an engine without room, and asks again after a reply that breaks off', async () => {
    const { engine, run } = await start()
    await engine.control.addFault({ type: 'status', status: 503, times: 1 })
    expect(await run(...flags, 'What is the capital of France?')).toContain('Paris.')
    await engine.control.addFault({ type: 'die-mid-stream', afterChunks: 1, times: 1 })
    expect(await run(...flags, 'What is the capital of France?')).toContain('Paris.')
  })

  test('stays with an engine that reads for longer than it waits for an event (R1)', async () => {
    const { asked, run } = await start({ silenceMs: 2 * patienceMs })
    expect(await run(...flags, 'What is the capital of France?')).toContain('Paris.')
    expect(asked).toHaveLength(1)
  })

  test('knows a prompt that is too long, and does not try it again', async () => {
    const { asked, run } = await start({ contextLength: 2_048 })
    await expect(run(...flags, 'What is the capital of France?')).rejects.toThrow('ran out of room')
    expect(asked.length).toBeLessThanOrEqual(1)
  })
})
