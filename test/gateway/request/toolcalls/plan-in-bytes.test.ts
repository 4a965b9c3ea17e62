import { assert, integer, property } from 'fast-check'
import { expect, test } from 'vitest'

import { ChatStreamReader } from '../../../../src/backends/chat/chat-stream-reader.ts'
import { replyOf } from '../../../../src/core/chat/reply.ts'
import type { ReplyPart } from '../../../../src/core/chat/reply-part.ts'
import { planClose, planOpen } from '../../../../src/toolcalls/plan/plan-block.ts'
import { PlanStage } from '../../../../src/toolcalls/plan/plan-stage.ts'
import { ReplyCourse } from '../../../../src/toolcalls/reply/reply-course.ts'

const plan = '1. Lies „src/größe.ts“ – ganz.\n2. Ändere es.\n3. Führe die Tests aus. 🚀'
const said = `Gut 🙂.\n${planOpen}\n${plan}\n${planClose}\nErledigt – ${planOpen}`

/** Events with so many characters each. */
function stream(size: number): Buffer {
  const characters = Array.from(said)
  const pieces = Array.from({ length: Math.ceil(characters.length / size) }, (_, at) =>
    characters.slice(at * size, (at + 1) * size).join(''),
  )
  const events = [
    ...pieces.map((content) => ({ choices: [{ index: 0, delta: { content } }] })),
    { choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] },
  ]
  return Buffer.from(events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('') + 'data: [DONE]\n\n')
}

function heard(chunks: readonly Buffer[]): string {
  const reader = new ChatStreamReader(() => 'id')
  const course = new ReplyCourse({ stage: new PlanStage(plan, () => undefined), chants: undefined })
  const parts: ReplyPart[] = chunks.flatMap((chunk) => [...course.read(reader.push(chunk))])
  parts.push(...course.read(reader.end()), ...course.endRound().parts)
  return replyOf(parts)
    .parts.map((part) => (part.type === 'text' ? part.text : ''))
    .join('')
}

test('markers of a plan are found wherever the bytes of a stream are cut, within a letter as well (N1.4)', () => {
  const bytes = stream(3)
  const whole = heard([bytes])
  expect(whole.split(/\n+/)).toEqual(['Gut 🙂.', 'Erledigt – '])
  for (let cut = 1; cut < bytes.length; cut++) {
    expect(heard([bytes.subarray(0, cut), bytes.subarray(cut)])).toBe(whole)
  }
})

test('however few characters an event has, and however few bytes come at once, the same is heard', () => {
  assert(
    property(integer({ min: 1, max: 40 }), integer({ min: 1, max: 60 }), (size, length) => {
      const bytes = stream(size)
      const chunks = Array.from({ length: Math.ceil(bytes.length / length) }, (_, at) =>
        bytes.subarray(at * length, (at + 1) * length),
      )
      expect(heard(chunks)).toBe(heard([stream(1_000)]))
    }),
  )
})
