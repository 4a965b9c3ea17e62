import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, test } from 'vitest'

import { at, listAt, parseForeignJson, textAt } from '../../../src/core/foreign-json.ts'
import type { Script } from '../../../src/sim/engine-options.ts'
import { startSimulatedEngine } from '../../../src/sim/simulated-engine.ts'
import { closeAfterEach } from '../../support/resources.ts'
import { startTestGateway } from '../../support/start-gateway.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const keep = closeAfterEach()

/** The real program, of some hundred megabytes; whoever wants it asked names it. */
const claude = process.env['LLMR_TEST_CLAUDE_CODE']

/** An engine that plays a model, a gateway before it, and Claude Code in a home of its own. */
async function start() {
  const home = temporaryFolder()
  const file = join(home, 'hello.txt')
  writeFileSync(file, 'hello from the file\n')
  const asked: unknown[] = []
  const engine = keep(
    await startSimulatedEngine({
      model: 'm',
      contextLength: 200_000,
      script: ({ text }) => {
        const json = parseForeignJson(text)
        if (listAt(json, 'messages').length === 0) return undefined
        asked.push(json)
        return playModel(json, file)
      },
    }),
  )
  const gateway = keep(
    await startTestGateway(`
      backends: { gpu: { url: "${engine.url}", kind: llama.cpp } }
      models: { m: { aliases: [claude-test] } }
    `),
  )
  const run = (...args: readonly string[]) =>
    new Promise<string>((resolve, reject) => {
      const env = {
        PATH: process.env['PATH'],
        HOME: home,
        ANTHROPIC_BASE_URL: gateway.url,
        ANTHROPIC_AUTH_TOKEN: 'any',
        ANTHROPIC_MODEL: 'claude-test',
        ANTHROPIC_SMALL_FAST_MODEL: 'claude-test',
        DISABLE_TELEMETRY: '1',
        DISABLE_ERROR_REPORTING: '1',
        CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
      }
      const child = execFile(claude ?? '', args, { cwd: home, env, timeout: 25_000 }, (error, stdout, stderr) =>
        error === null ? resolve(stdout) : reject(new Error(`${error.message}\n${stdout}\n${stderr}`)),
      )
      child.stdin?.end()
    })
  return { engine, asked, run }
}

/** Reads the file when it is asked to and has not yet, says what it read, and else names a town. */
function playModel(json: unknown, file: string): Script {
  const messages = listAt(json, 'messages')
  const result = messages.findLast((message) => at(message, 'role') === 'tool')
  if (result !== undefined) return { reasoning: 'Now I know.', content: `It says: ${textAt(result, 'content') ?? ''}` }
  if (!JSON.stringify(messages).includes('Read hello.txt')) return { content: 'Paris.' }
  return {
    reasoning: 'I should read it.',
    content: 'I will read it.',
    toolCalls: [{ name: 'Read', arguments: { file_path: file } }],
  }
}

describe.skipIf(claude === undefined)('the real Claude Code (skipped without LLMR_TEST_CLAUDE_CODE)', () => {
  test('answers, calls a tool and goes on later, and each request begins as the one before', async () => {
    const { asked, run } = await start()
    expect(await run('-p', 'Read hello.txt and tell me what is in it', '--allowedTools', 'Read')).toContain(
      'hello from the file',
    )
    expect(await run('-c', '-p', 'And of Spain?')).toContain('hello from the file')
    expect(asked).toHaveLength(3)
    for (const [index, json] of asked.entries()) {
      const before = listAt(asked[index - 1], 'messages')
      expect(listAt(json, 'messages').slice(0, before.length)).toEqual(before)
    }
  })

  test('waits for an engine that has no room, and asks again when a reply breaks off', async () => {
    const { engine, run } = await start()
    await engine.control.addFault({ type: 'status', status: 429, retryAfterSeconds: 1, times: 1 })
    expect(await run('-p', 'What is the capital of France?')).toBe('Paris.\n')
    await engine.control.addFault({ type: 'die-mid-stream', afterChunks: 1, times: 1 })
    expect(await run('-p', 'What is the capital of France?')).toBe('Paris.\n')
  })
})
