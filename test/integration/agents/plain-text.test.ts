import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, test } from 'vitest'

import { listAt, objectAt, parseForeignJson, textAt } from '../../../src/core/foreign-json.ts'
import type { Script } from '../../../src/sim/engine-options.ts'
import { findAgent } from '../../services/agents.ts'
import { closeAfterEach } from '../../support/resources.ts'
import { continueCli } from './continue.ts'
import { opencodeChat } from './opencode.ts'
import { startAgent } from './start-agent.ts'

const keep = closeAfterEach()

const task = 'Read hello.txt and write the port into out.txt'

for (const agent of [opencodeChat, continueCli]) {
  const found = await findAgent(agent)
  const title = 'skip' in found ? `(skipped: ${found.skip})` : found.version
  const program = 'skip' in found ? '' : found.program

  describe.skipIf(program === '')(`the real ${agent.name} ${title}`, () => {
    test('reads and writes files by a model that only speaks plain text', { timeout: 60_000 }, async () => {
      const { home, run } = await startAgent({ agent, program, keep, toolTemplate: false, play: playModel })
      expect(await run(agent.start(task))).toContain('Done: the port is 8411.')
      expect(readFileSync(join(home, 'out.txt'), 'utf8')).toBe('port=8411\n')
    })
  })
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
