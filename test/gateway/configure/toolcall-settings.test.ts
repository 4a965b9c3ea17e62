import { expect, test } from 'vitest'

import { backendKinds } from '../../../src/backends/backend-kinds.ts'
import { parseConfig } from '../../../src/config/parse-config.ts'
import { askedGuard, requestCare } from '../../../src/gateway/configure/toolcall-settings.ts'
import { classicPreset, progressPreset } from '../../../src/toolcalls/loop/loop-options.ts'

function toolcalls(text: string) {
  return parseConfig({ text, file: 'llmr.yaml', backendKinds, env: {} }).config.toolcalls
}

test('without a word everything is on', () => {
  expect(requestCare(toolcalls(''), 'm')).toEqual({ repairs: true, hints: true, guard: progressPreset })
})

test('an exact name wins over a glob, the longer glob over the shorter, and both over the rest', () => {
  const config = toolcalls(
    'toolcalls: { hint: false, models: { "*": { guard: off }, "qwen*": { guard: classic, hint: true }, qwen3: { repair: false } } }',
  )
  expect(requestCare(config, 'gemma')).toEqual({ repairs: true, hints: false, guard: undefined })
  expect(requestCare(config, 'qwen2')).toEqual({ repairs: true, hints: true, guard: classicPreset })
  expect(requestCare(config, 'qwen3')).toEqual({ repairs: false, hints: false, guard: progressPreset })
})

test('the reminder comes at half of the rounds that are allowed', () => {
  const { guard } = requestCare(toolcalls('toolcalls: { max_turns: 21, repeat_threshold: 5 }'), 'm')
  expect(guard).toEqual({ preset: 'progress', repeatThreshold: 5, maxTurns: 21, softTurns: 11 })
})

test('a request may ask for less or for another preset, and a slip switches nothing off', () => {
  const config = toolcalls('')
  expect(requestCare(config, 'm', askedGuard('off'))).toEqual({ repairs: false, hints: false, guard: undefined })
  expect(requestCare(config, 'm', askedGuard('classic')).guard).toEqual(classicPreset)
  expect(requestCare(config, 'm', askedGuard('of')).guard).toEqual(progressPreset)
})
