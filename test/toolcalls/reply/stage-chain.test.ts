import { expect, test } from 'vitest'

import type { ChatRequest } from '../../../src/core/chat/chat-request.ts'
import type { ReplyPart } from '../../../src/core/chat/reply-part.ts'
import type { ReplyStage } from '../../../src/toolcalls/reply/reply-stage.ts'
import { StageChain } from '../../../src/toolcalls/reply/stage-chain.ts'

const ask: ChatRequest = { model: 'm', messages: [], tools: [], sampling: {}, isStream: false }
const text = (said: string): ReplyPart => ({ type: 'text', text: said })

/** Puts its mark behind every text, and asks as often as it is told to. */
function marking(mark: string, asks = 0): ReplyStage {
  let left = asks
  return {
    read: (part) => (part.type === 'text' ? [text(part.text + mark)] : [part]),
    end: () => ({ parts: [text(mark.toUpperCase())], ...(left-- > 0 && { ask }) }),
    giveUp: () => [text(`${mark}!`)],
  }
}

test('what a stage says last still passes those behind it', () => {
  const chain = new StageChain([marking('a'), marking('b')])
  expect(chain.read(text('-'))).toEqual([text('-ab')])
  expect(chain.end()).toEqual({ parts: [text('Ab'), text('B')] })
})

test('the answer to a question comes to the stage that asked, and not to those before it', () => {
  const chain = new StageChain([marking('a'), marking('b', 1), marking('c')])
  expect(chain.end()).toEqual({ parts: [text('Abc'), text('Bc')], ask })
  expect(chain.read(text('-'))).toEqual([text('-bc')])
  expect(chain.end()).toEqual({ parts: [text('Bc'), text('C')] })
})

test('a question without an answer ends it as it stands, from the stage that asked on', () => {
  const chain = new StageChain([marking('a'), marking('b', 1), marking('c')])
  chain.end()
  expect(chain.giveUp()).toEqual([text('b!c'), text('c!')])
})
