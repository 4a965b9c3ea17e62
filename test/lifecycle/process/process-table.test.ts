import { describe, expect, test } from 'vitest'

import { engineEnvironment } from '../../../src/lifecycle/process/engine-environment.ts'
import { isAlive, parsePs, parseStat, readIdentity } from '../../../src/lifecycle/process/process-table.ts'
import { shownCommand } from '../../../src/lifecycle/process/shown-command.ts'

const rest = '1 4000 4000 0 -1 4194560 100 0 0 0 1 1 0 0 20 0 1 0 123456 1000 100 18446744073709551615'

describe('a line of /proc/PID/stat', () => {
  test.each(['llama-server', 'a b', 'odd) S 1 1 (name', '(('])('is read whatever the command is called: %s', (name) => {
    expect(parseStat(`4001 (${name}) S ${rest}`)).toEqual({
      pid: 4001,
      groupId: 4000,
      sessionId: 4000,
      startTime: '123456',
      isZombie: false,
      isEnding: false,
    })
  })

  test('tells a zombie, and a process that has begun to end', () => {
    expect(parseStat(`4001 (x) Z ${rest}`)).toMatchObject({ isZombie: true, isEnding: true })
    const ending = rest.replace('4194560', String(4_194_560 | 4))
    expect(parseStat(`4001 (x) R ${ending}`)).toMatchObject({ isZombie: false, isEnding: true })
  })

  test.each(['', 'x', '12 (x', '12 (x) S 1'])('that is none (%j) names no process', (text) => {
    expect(parseStat(text)).toBeUndefined()
  })
})

test("the lines of ps are read where there is no /proc, with the date as the start's time", () => {
  const lines = '  12    12 0x1f S+   Mon Nov 24 09:00:00 2025\n  13    12 0x1f Z    Mon Nov 24 09:00:01 2025\n\n'
  expect(parsePs(lines)).toMatchObject([
    { pid: 12, groupId: 12, startTime: 'Mon Nov 24 09:00:00 2025', isZombie: false },
    { pid: 13, groupId: 12, isZombie: true },
  ])
})

test('a process is the same only with the same start time in the same boot', () => {
  const identity = { pid: process.pid, startTime: '', bootId: '', ...readIdentity(process.pid) }
  expect(isAlive(identity)).toBe(true)
  expect(isAlive({ ...identity, startTime: `${identity.startTime}0` })).toBe(false)
  expect(isAlive({ ...identity, bootId: 'another' })).toBe(false)
})

test("an engine gets no secret of llmr's, and what its profile says wins", () => {
  const own = { PATH: '/bin', HOME: '/h', LLMR_KEY: 'a', DATABASE_URL: 'b', NATS_URL: 'c', NOTIFY_SOCKET: 'd' }
  expect(engineEnvironment({ own, added: { HOME: '/engine', LLMR_INSTANCE: 'x' }, mark: 'm' })).toEqual({
    PATH: '/bin',
    HOME: '/engine',
    LLMR_INSTANCE: 'm',
  })
})

test.each([
  [['llama-server', '-m', 'a b.gguf'], "llama-server -m 'a b.gguf'"],
  [['x', '--api-key', 'hunter2', '-c', '1'], 'x --api-key *** -c 1'],
  [['x', '--hf-token=hunter2'], "x '--hf-token=***'"],
])('a command is shown without secrets: %j', (argv, shown) => {
  expect(shownCommand(argv)).toBe(shown)
})
