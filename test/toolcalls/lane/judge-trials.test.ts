import { expect, test } from 'vitest'

import type { ToolTrial } from '../../../src/core/tool-trial.ts'
import { replyFormat } from '../../../src/toolcalls/formats/reply-formats.ts'
import { judgeTrials, type TrialCircumstances } from '../../../src/toolcalls/lane/judge-trials.ts'

const usual = { format: replyFormat('hermes_json'), takesPrompts: true, rendersTools: true } as const
const right = { name: 'read_harbour_log', argumentsText: '{"day":3}' }
const written = '<tool_call>{"name":"read_harbour_log","arguments":{"day":3}}</tool_call>'

function trial(step: ToolTrial['step'], more: Partial<ToolTrial> = {}): ToolTrial {
  return { step, status: 200, calls: [], text: '', ...more }
}

test.each<[string, readonly ToolTrial[], Partial<TrialCircumstances>, string, string]>([
  ['calls a tool when told to', [trial('auto', { calls: [right] })], {}, 'native', 'it calls tools when told to'],
  [
    'calls, but not because it must',
    [trial('auto', { calls: [right] }), trial('required', { text: 'Hello.' })],
    {},
    'native',
    'not held to tool_choice: required',
  ],
  ['is left its calls in the text', [trial('auto', { text: written })], {}, 'raw', 'leaves calls in its text'],
  [
    'is left them where no prompts are taken',
    [trial('auto', { text: written })],
    { takesPrompts: false },
    'checked',
    'text',
  ],
  ['makes the engine fail', [trial('auto', { status: 500 })], {}, 'raw', 'fails at a reply with tools (500)'],
  [
    'may not be given tools',
    [trial('forced', { status: 400, message: 'requires --enable-auto-tool-choice' })],
    { takesPrompts: false },
    'injected',
    'refuses tools: requires --enable-auto-tool-choice',
  ],
  [
    'calls with the wrong arguments',
    [trial('auto', { calls: [{ ...right, argumentsText: '{}' }] })],
    {},
    'raw',
    'do not fit',
  ],
  ['calls nothing, though it was shown the tool', [trial('auto', { text: 'No.' })], {}, 'native', 'called no tool'],
  [
    'calls nothing, and may not know of the tool',
    [trial('auto')],
    { rendersTools: undefined },
    'injected',
    'never have heard',
  ],
])('a model that %s', (_, trials, circumstances, lane, reason) => {
  expect(judgeTrials(trials, { ...usual, ...circumstances })).toEqual({ lane, reason: expect.stringContaining(reason) })
})

test('nothing is said of an engine that answered nothing', () => {
  expect(judgeTrials([trial('auto', { status: 429 })], usual)).toBeUndefined()
})
