import { setTimeout } from 'node:timers/promises'

import { describe, expect, test } from 'vitest'

import { findAgent } from '../../services/agents.ts'
import { closeAfterEach } from '../../support/resources.ts'
import { codex, codexPatienceMs } from './codex.ts'
import { startAgent, town, townPrompt } from './start-agent.ts'

const keep = closeAfterEach()

const found = await findAgent(codex)
const program = 'skip' in found ? '' : found.program

describe.skipIf('skip' in found)(
  `the real Codex ${'skip' in found ? `(skipped: ${found.skip})` : found.version}`,
  () => {
    test('stays with an engine that reads for longer than it waits for an event', async () => {
      const beforePiece = (index: number) => (index === 0 ? setTimeout(2 * codexPatienceMs) : undefined)
      const { asked, run } = await startAgent({ agent: codex, program, keep, beforePiece })
      expect(await run(codex.start(townPrompt))).toContain(town)
      expect(asked).toHaveLength(1)
    })

    test('knows a prompt that is too long, and does not try it again', async () => {
      const { asked, run } = await startAgent({ agent: codex, program, keep, contextLength: 2_048 })
      await expect(run(codex.start(townPrompt))).rejects.toThrow('ran out of room')
      expect(asked.length).toBeLessThanOrEqual(1)
    })
  },
)
