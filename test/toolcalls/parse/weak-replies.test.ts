import { expect, test } from 'vitest'

import { verdictOf, weakReplies } from '../../support/toolcalls/weak-replies.ts'

/** Meant as calls, and read as text: nobody could say more. */
const leftAsText = ['the whole call in a string', 'ReAct']

test.each(weakReplies.map((reply) => [reply.format, reply.claim, reply] as const))(
  'a weak model, %s: %s',
  (_, claim, reply) => {
    const verdict = leftAsText.includes(claim) ? 'text' : 'right'
    expect(verdictOf(reply), reply.input).toBe(verdict)
    expect(verdictOf(reply, 3), 'in pieces').toBe(verdict)
  },
)
