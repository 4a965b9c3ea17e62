import { expect } from 'vitest'

import type { Fault } from '../../../src/sim/fault.ts'
import type { Script } from '../../../src/sim/engine-options.ts'
import { pngUrl } from '../../support/images.ts'
import type { Heard, Question } from './question.ts'
import type { Asked } from './read-asked.ts'

/** One row of the matrix: the same question in every dialect, what the engine does, and what must come of it. */
export interface PairCase {
  readonly name: string
  readonly question: Question
  readonly script?: Script
  readonly faults?: { readonly whole: Fault; readonly streamed: Fault }
  /** What the engine was asked, all of it. */
  readonly asked: Asked
  /** What is left out is empty. */
  readonly heard?: Partial<Heard>
  /** The reply fails: before its first word or, where it is a stream, in the middle. The words must be among those heard. */
  readonly failure?: { readonly when: 'before' | 'middle'; readonly words: string }
}

/** Where every engine is asked. */
export const chatPath = '/v1/chat/completions'

const hello: Question = { turns: [{ by: 'user', text: 'hello there' }] }
const helloAsked = { messages: [{ role: 'user', text: 'hello there' }] }

const weather = { name: 'get_weather', args: { city: 'Oslo "centrum"' } }
const time = { name: 'get_time', args: {} }

const schema = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] }

export const pairCases: readonly PairCase[] = [
  {
    name: 'text',
    question: { ...hello, system: 'Be brief.' },
    script: { content: ['good ', 'mor', 'ning, “Æsop”'] },
    asked: {
      messages: [
        { role: 'system', text: 'Be brief.' },
        { role: 'user', text: 'hello there' },
      ],
    },
    heard: { text: 'good morning, “Æsop”', ending: 'stop' },
  },
  {
    name: 'tools',
    question: {
      turns: [
        { by: 'user', text: 'What is it like in Bergen?' },
        { by: 'model', calls: [{ id: 'call_1', name: 'get_weather', args: { city: 'Bergen' } }] },
        { by: 'tool', id: 'call_1', name: 'get_weather', text: 'rain' },
        { by: 'user', text: 'And in Oslo?' },
      ],
      toolNames: ['get_weather'],
    },
    script: { content: 'I will look.', toolCalls: [{ name: weather.name, arguments: weather.args }] },
    asked: {
      messages: [
        { role: 'user', text: 'What is it like in Bergen?' },
        { role: 'assistant', calls: [{ name: 'get_weather', args: { city: 'Bergen' } }] },
        { role: 'tool', text: 'rain', answers: 'get_weather' },
        { role: 'user', text: 'And in Oslo?' },
      ],
      tools: ['get_weather'],
    },
    heard: { text: 'I will look.', calls: [weather], ending: 'calls' },
  },
  {
    name: 'parallel tools',
    question: {
      turns: [
        { by: 'user', text: 'Weather and time?' },
        {
          by: 'model',
          text: 'Both.',
          calls: [
            { id: 'call_1', ...weather },
            { id: 'call_2', ...time },
          ],
        },
        { by: 'tool', id: 'call_1', name: 'get_weather', text: 'rain' },
        { by: 'tool', id: 'call_2', name: 'get_time', text: 'noon' },
      ],
      toolNames: ['get_weather', 'get_time'],
    },
    script: {
      toolCalls: [
        { name: weather.name, arguments: weather.args },
        { name: time.name, arguments: time.args },
      ],
    },
    asked: {
      messages: [
        { role: 'user', text: 'Weather and time?' },
        { role: 'assistant', text: 'Both.', calls: [weather, time] },
        { role: 'tool', text: 'rain', answers: 'get_weather' },
        { role: 'tool', text: 'noon', answers: 'get_time' },
      ],
      tools: ['get_weather', 'get_time'],
    },
    heard: { calls: [weather, time], ending: 'calls' },
  },
  {
    name: 'reasoning',
    question: { ...hello, effort: 'low' },
    script: { reasoning: 'They greet me.', content: 'Good morning.' },
    asked: { ...helloAsked, effort: 'low' },
    heard: { thought: 'They greet me.', text: 'Good morning.', ending: 'stop' },
  },
  {
    name: 'thoughts of earlier turns',
    question: {
      turns: [...hello.turns, { by: 'model', thought: 'Hm.', text: 'Good morning.' }, { by: 'user', text: 'And now?' }],
    },
    script: { content: 'Noon.' },
    asked: {
      messages: [
        ...helloAsked.messages,
        { role: 'assistant', text: 'Good morning.', thought: 'Hm.' },
        { role: 'user', text: 'And now?' },
      ],
    },
    heard: { text: 'Noon.', ending: 'stop' },
  },
  {
    name: 'images in',
    question: { turns: [{ by: 'user', text: 'What is this?', imageUrl: pngUrl }] },
    script: { content: 'A pixel.' },
    asked: { messages: [{ role: 'user', text: 'What is this?', image: pngUrl }] },
    heard: { text: 'A pixel.', ending: 'stop' },
  },
  {
    name: 'structured output',
    question: { ...hello, schema },
    asked: { ...helloAsked, schema },
    heard: { text: expect.stringMatching(/^\{"city":"[^"]+"\}$/) as string, ending: 'stop' },
  },
  {
    name: 'stop sequence',
    question: { ...hello, stop: ' every' },
    script: { content: 'good morning everyone' },
    asked: { ...helloAsked, stop: ' every' },
    heard: { text: 'good morning', ending: 'stop' },
  },
  {
    name: 'length',
    question: { ...hello, maxTokens: 2 },
    script: { content: ['good ', 'mor', 'ning'] },
    asked: { ...helloAsked, maxTokens: 2 },
    heard: { text: 'good mor', ending: 'length' },
  },
  {
    name: 'error before a reply',
    question: hello,
    faults: {
      whole: { type: 'status', status: 500, path: chatPath },
      streamed: { type: 'status', status: 500, path: chatPath },
    },
    asked: helloAsked,
    failure: { when: 'before', words: 'failed (500)' },
  },
  {
    name: 'error in the middle',
    question: hello,
    script: { content: ['good ', 'mor', 'ning'] },
    // A connection that is cut may take with it what it carried; an end in order lets everything before it arrive.
    faults: {
      whole: { type: 'die-mid-stream', path: chatPath },
      streamed: { type: 'half-close', afterChunks: 2, path: chatPath },
    },
    asked: helloAsked,
    failure: { when: 'middle', words: 'the connection' },
  },
]
