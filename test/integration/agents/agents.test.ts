import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, test } from 'vitest'

import { listAt } from '../../../src/core/foreign-json.ts'
import { findAgent } from '../../services/agents.ts'
import { closeAfterEach } from '../../support/resources.ts'
import { claudeCode } from './claude-code.ts'
import { codex } from './codex.ts'
import { continueCli } from './continue.ts'
import { opencodeChat, opencodeMessages, opencodeResponses } from './opencode.ts'
import { fileText, readPrompt, startAgent, town, townPrompt } from './start-agent.ts'

const keep = closeAfterEach()

const agents = [claudeCode, codex, opencodeChat, opencodeResponses, opencodeMessages, continueCli]

/** Where the engine is asked. */
const chatPath = '/v1/chat/completions'

/** Several runs each, of a program that may take ten seconds to start. */
const timeoutMs = 120_000

for (const agent of agents) {
  const found = await findAgent(agent)
  const title = 'skip' in found ? `(skipped: ${found.skip})` : found.version
  const program = 'skip' in found ? '' : found.program

  describe.skipIf(program === '')(`the real ${agent.name} in ${agent.dialect} ${title}`, { timeout: timeoutMs }, () => {
    test('answers, calls a tool and goes on later, and each request begins as the one before', async () => {
      const { asked, run } = await startAgent({ agent, program, keep })
      expect(await run(agent.start(readPrompt))).toContain(fileText)
      expect(await run(agent.resume(townPrompt))).toContain(town)
      expect(asked).toHaveLength(3)
      for (const [index, json] of asked.entries()) {
        const before = listAt(asked[index - 1], 'messages')
        expect(listAt(json, 'messages').slice(0, before.length)).toEqual(before)
      }
    })

    test.for([429, 503])('waits for an engine that has no room (%i)', async (status) => {
      const { engine, run } = await startAgent({ agent, program, keep })
      await engine.control.addFault({ type: 'status', status, retryAfterSeconds: 1, times: 1, path: chatPath })
      expect(await run(agent.start(townPrompt))).toContain(town)
      expect(engine.control.faults).toEqual([])
    })

    test('asks again when a reply breaks off', async () => {
      const { engine, run } = await startAgent({ agent, program, keep })
      await engine.control.addFault({ type: 'die-mid-stream', afterChunks: 1, times: 1, path: chatPath })
      expect(await run(agent.start(townPrompt))).toContain(town)
      expect(engine.control.faults).toEqual([])
    })
  })
}

test('the README shows the agents that are tried, each in its dialect and with its version', () => {
  const readme = readFileSync(join(import.meta.dirname, '../../../README.md'), 'utf8')
  const rows = Array.from(
    readme.matchAll(/^\| ([^|]+?) +\| (\d+\.\d+\.\d+) +\| ([^|]+?) +\|/gm),
    ([, ...cells]) => cells,
  )
  expect(rows).toEqual(agents.map(({ name, version, dialect }) => [name, version, dialect]))
})
