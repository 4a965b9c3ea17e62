import { expect, test } from 'vitest'

import { textOf } from '../../../src/core/chat/message.ts'
import type { ChatRequest } from '../../../src/core/chat/chat-request.ts'
import type { FinishReason, ReplyPart } from '../../../src/core/chat/reply-part.ts'
import { replyOf } from '../../../src/core/chat/reply.ts'
import { ContinuationStage, type ContinuationOptions } from '../../../src/toolcalls/reply/continuation-stage.ts'
import { SumOfRounds } from '../../../src/toolcalls/reply/sum-of-rounds.ts'
import { said, user } from '../../support/toolcalls/history.ts'

const request: ChatRequest = {
  model: 'm',
  messages: [user('Tell me a story.')],
  tools: [],
  sampling: { seed: 1 },
  isStream: true,
}

interface Round {
  readonly text: string
  readonly finish?: FinishReason
  readonly tokens?: number
}

/** Plays an engine that says these, one at each question. */
function play(replies: readonly Round[], options: Partial<ContinuationOptions> = {}) {
  const details: string[] = []
  const asks: ChatRequest[] = []
  const parts: ReplyPart[] = []
  const sum = new SumOfRounds()
  const stage = new ContinuationStage({
    request,
    canPrefill: true,
    roundsMax: 3,
    tokensMax: 1000,
    contextLength: undefined,
    onIntervention: ({ detail }) => details.push(detail),
    ...options,
  })
  for (const { text, finish = 'length', tokens = 10 } of replies) {
    const round: ReplyPart[] = [
      { type: 'text', text },
      { type: 'finish', reason: finish },
      { type: 'usage', usage: { promptTokens: 100, completionTokens: tokens } },
    ]
    parts.push(...round.flatMap((part) => stage.read(sum.add(part) ?? part)))
    const ending = stage.end()
    parts.push(...ending.parts)
    if (ending.ask === undefined) break
    asks.push(ending.ask)
    sum.nextRound()
    if (asks.length === replies.length) parts.push(...stage.giveUp())
  }
  return { asks, details, parts, reply: replyOf(parts) }
}

test('a reply that was cut by length is one text with one end, and its cost is that of all rounds (N1.5)', () => {
  const { asks, reply } = play([{ text: 'Once upon ' }, { text: 'a time ' }, { text: 'it ended.', finish: 'stop' }])
  expect(reply).toMatchObject({
    parts: [{ type: 'text', text: 'Once upon a time it ended.' }],
    finishReason: 'stop',
    usage: { promptTokens: 300, completionTokens: 30 },
  })
  expect(asks).toMatchObject([
    {
      messages: [request.messages[0], said('Once upon')],
      isContinuation: true,
      maxTokens: 990,
      sampling: { seed: 1 },
    },
    { messages: [request.messages[0], said('Once upon a time')], isContinuation: true, maxTokens: 980 },
  ])
})

test('where no message can be begun, the model is asked to go on, and its repeat is left out', () => {
  const { asks, reply } = play(
    [{ text: 'Once upon a time there was' }, { text: 'a time there was a model.', finish: 'stop' }],
    { canPrefill: false },
  )
  expect(asks[0]?.messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'user'])
  expect(asks[0]?.isContinuation).toBe(false)
  // To begin with these shows whether the last of them was cut in the middle.
  expect(textOf(asks[0]?.messages[2]?.parts ?? [])).toContain('\n\nOnce upon a time there was\n\n')
  expect(reply.parts).toEqual([{ type: 'text', text: 'Once upon a time there was a model.' }])
})

test('a reply that its client has begun stays one message', () => {
  const begun: ChatRequest = { ...request, messages: [user('Go.'), said('Well, ')], isContinuation: true }
  const { asks } = play([{ text: 'once ' }, { text: 'more.', finish: 'stop' }], { request: begun })
  expect(asks[0]?.messages).toEqual([
    user('Go.'),
    {
      role: 'assistant',
      parts: [
        { type: 'text', text: 'Well, ' },
        { type: 'text', text: 'once' },
      ],
    },
  ])
})

test.each<[string, readonly Round[], Partial<ContinuationOptions>, number]>([
  ['its rounds are used up', [{ text: 'a ' }, { text: 'b ' }, { text: 'c ' }], { roundsMax: 2 }, 2],
  [
    'its tokens are',
    [
      { text: 'a ', tokens: 60 },
      { text: 'b ', tokens: 50 },
    ],
    { tokensMax: 100 },
    1,
  ],
  ['the context is full', [{ text: 'a ', tokens: 100 }], { contextLength: 200 }, 0],
  ['nothing was said but thoughts', [{ text: '' }], {}, 0],
  ['a round brought nothing', [{ text: 'a ' }, { text: '', tokens: 0 }, { text: 'c ' }], {}, 1],
])('it ends as cut when %s', (_, replies, options, count) => {
  const { asks, reply, parts } = play(replies, options)
  expect(asks).toHaveLength(count)
  expect(reply.finishReason).toBe('length')
  expect(parts.filter(({ type }) => type === 'finish')).toHaveLength(1)
})

test('a question without an answer leaves the reply as it was cut', () => {
  const { reply, asks } = play([{ text: 'a ' }])
  expect(asks).toHaveLength(1)
  expect(reply).toMatchObject({ parts: [{ text: 'a ' }], finishReason: 'length' })
})
