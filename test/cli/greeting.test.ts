import { expect, test } from 'vitest'

import { formatGreeting } from '../../src/cli/greeting.ts'

const plain = {
  version: '1.0.0',
  url: 'http://127.0.0.1:8411',
  configFile: undefined,
  isSimulated: false,
  isAuthRequired: false,
  backends: [],
  models: ['qwen'],
}

/** The line below "Try it:". */
function example(facts: Partial<typeof plain>): string {
  return /Try it:\n {2}(.*)/.exec(formatGreeting({ ...plain, ...facts }))?.[1] ?? ''
}

test('the line to try asks for the first model', () => {
  expect(example({})).toMatch(/^curl http:\/\/127\.0\.0\.1:8411\/v1\/chat\/completions -H .*"model":"qwen"/)
})

test('the line to try goes to this machine, whatever is listened on', () => {
  expect(example({ url: 'http://0.0.0.0:8411' })).toContain('curl http://127.0.0.1:8411/')
  expect(example({ url: 'http://[::]:8411' })).toContain('curl http://[::1]:8411/')
})

test('the line to try carries a key where one is asked for', () => {
  expect(example({ isAuthRequired: true })).toContain('-H "authorization: Bearer $LLMR_KEY"')
  expect(example({})).not.toContain('LLMR_KEY')
})
