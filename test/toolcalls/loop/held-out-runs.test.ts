import { expect, test } from 'vitest'

import type { Message } from '../../../src/core/chat/message.ts'
import { detectToolLoop } from '../../../src/toolcalls/loop/detect-tool-loop.ts'
import type { LoopAction } from '../../../src/toolcalls/loop/loop-finding.ts'
import { progressPreset } from '../../../src/toolcalls/loop/loop-options.ts'
import { goodRuns, loops, offered } from '../../support/toolcalls/held-out-runs.ts'
import { requestsOf } from '../../support/toolcalls/transcripts.ts'

const tools = offered.map((name) => ({ name, parameters: {} }))

function actionsIn(messages: readonly Message[]): LoopAction[] {
  return requestsOf(messages).flatMap((request) => detectToolLoop(request, { ...progressPreset, tools })?.action ?? [])
}

test.each(goodRuns)('a good run is let alone: $name', ({ messages, isLong = false }) => {
  // Ten rounds before its end a task is told of it.
  expect(actionsIn(messages).filter((action) => action !== 'nudge' || !isLong)).toEqual([])
})

test.each(loops)('a loop ends: $name', ({ messages }) => {
  const actions = actionsIn(messages)
  expect(actions[0]).toBe('nudge')
  expect(actions).toContain('remove-tool')
})
