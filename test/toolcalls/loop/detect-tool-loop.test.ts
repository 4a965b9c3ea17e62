import { describe, expect, test } from 'vitest'

import type { Message } from '../../../src/core/chat/message.ts'
import { detectToolLoop } from '../../../src/toolcalls/loop/detect-tool-loop.ts'
import { classicPreset, progressPreset } from '../../../src/toolcalls/loop/loop-options.ts'
import { call, callPart, repeated, result, rounds, said, user } from '../../support/toolcalls/history.ts'
import { readTranscripts, requestsOf } from '../../support/toolcalls/transcripts.ts'

const go = user('go')
const same = ['read', { path: 'a' }, 'text'] as const
const different = (count: number): (readonly [string, unknown, string])[] =>
  Array.from({ length: count }, (_, index) => ['read', { path: `f${index}` }, `text ${index}`] as const)

describe('classic, as people had it by hand (N1.15)', () => {
  const classic = (messages: readonly Message[]): ReturnType<typeof detectToolLoop> =>
    detectToolLoop(messages, classicPreset)

  test('the same call twice in a row ends the run, whatever it brought', () => {
    const verdict = classic([go, ...rounds(same, ['read', { path: 'a' }, 'other text'])])
    expect(verdict).toMatchObject({ rule: 'same-call', count: 2, action: 'final-answer' })
    expect(classic([go, ...rounds(same, ['read', { path: 'b' }, 'text'])])).toBeUndefined()
  })

  test('another call in between starts the count anew', () => {
    expect(classic([go, ...rounds(same, ['list', {}, ''], same)])).toBeUndefined()
  })

  test('thirty rounds of calls end the run, a person in between or not', () => {
    const thirty = rounds(...different(30))
    expect(classic([go, ...thirty])).toMatchObject({ rule: 'turn-cap', count: 30 })
    expect(classic([go, ...thirty.slice(0, 20), user('and?'), ...thirty.slice(20)])).toMatchObject({ rule: 'turn-cap' })
    expect(classic([go, ...thirty.slice(2)])).toBeUndefined()
  })

  test('both bounds are parameters', () => {
    const options = { ...classicPreset, repeatThreshold: 3, maxTurns: 5 }
    expect(detectToolLoop([go, ...rounds(same, same)], options)).toBeUndefined()
    expect(detectToolLoop([go, ...rounds(same, same, same)], options)).toMatchObject({ rule: 'same-call' })
    expect(detectToolLoop([go, ...rounds(...different(5))], options)).toMatchObject({ rule: 'turn-cap' })
  })
})

describe('progress', () => {
  const rule = (messages: readonly Message[]): string | undefined => detectToolLoop(messages)?.rule

  test('the same call with the same result three times is a loop, twice is not', () => {
    expect(rule([go, ...rounds(same, same)])).toBeUndefined()
    expect(rule([go, ...rounds(same, same, same)])).toBe('same-call')
  })

  test('another spelling of the arguments is the same call', () => {
    const spelled = [
      '{"path":"a","limit":5}',
      '{ "limit": 5,\n "path": "a" }',
      '"{\\"path\\": \\"a\\", \\"limit\\": 5}"',
    ]
    expect(rule([go, ...rounds(...spelled.map((args) => ['read', args, 'text'] as const))])).toBe('same-call')
  })

  test('times, durations, process ids and addresses do not make a result new', () => {
    const texts = [
      'done in 12 ms at 2026-01-02T03:04:05Z, pid 17',
      'done in 9 ms at 2026-01-02T03:05:05Z, pid 23',
      'done in 10 ms at 2026-01-02T03:06:05Z, pid 99',
    ]
    expect(rule([go, ...rounds(...texts.map((text) => ['bash', { command: 'x' }, text] as const))])).toBe('same-call')
  })

  test('the same call that always fails is a loop even if the message differs', () => {
    const texts = ['Error: no such file a', 'Error: cannot open a', 'Error: gave up']
    expect(rule([go, ...rounds(...texts.map((text) => ['read', { path: 'a' }, text] as const))])).toBe('same-error')
  })

  test.each([2, 3, 4, 5])('%i calls in turn without news are a loop', (length) => {
    const lap = different(length)
    expect(rule([go, ...rounds(...repeated(3, lap).flat())])).toBe('cycle')
  })

  test('the same edit and the same failing test, over and over, are a loop', () => {
    const lap = [
      ['edit', { path: 'a', old: 'x', new: 'y' }, 'edited'],
      ['bash', { command: 'npm test' }, 'FAIL expected 1'],
    ] as const
    expect(rule([go, ...rounds(...repeated(3, lap).flat())])).toBe('cycle')
  })

  test('a search for the same words in other punctuation that finds nothing is a loop', () => {
    const marks = ['', '"', '.', '-', '*', '/']
    expect(
      rule([go, ...rounds(...marks.map((mark) => ['grep', { for: `${mark}main${mark}` }, 'none'] as const))]),
    ).toBe('cosmetic-change')
  })

  test('tools that do not exist are a loop', () => {
    const tools = [{ name: 'read', parameters: {} }]
    const steps = rounds(['open', { a: 1 }, 'unknown'], ['cat', { a: 2 }, 'not known'], ['view', { a: 3 }, 'no'])
    expect(detectToolLoop([go, ...steps], { ...progressPreset, tools })?.rule).toBe('invalid-call')
  })

  test('forty rounds that bring little are reminded, seventy in any case, eighty end', () => {
    // The same ten files again and again: too many for a cycle.
    const again = (count: number) => Array.from({ length: count }, (_, at) => different(10)[at % 10] ?? same)
    expect(detectToolLoop([go, ...rounds(...again(39))])).toBeUndefined()
    expect(detectToolLoop([go, ...rounds(...again(40))])).toMatchObject({ rule: 'turn-cap', action: 'nudge' })
    expect(detectToolLoop([go, ...rounds(...different(69))])).toBeUndefined()
    expect(detectToolLoop([go, ...rounds(...different(70))])).toMatchObject({ rule: 'turn-cap', action: 'nudge' })
    expect(detectToolLoop([go, ...rounds(...different(80))])).toMatchObject({ action: 'final-answer' })
  })

  test('what follows the threshold grows stricter by itself', () => {
    const actions = [3, 4, 5, 6].map((times) => detectToolLoop([go, ...rounds(...repeated(times, same))])?.action)
    expect(actions).toEqual(['nudge', 'remove-tool', 'final-answer', 'final-answer'])
  })

  test.each([
    ['a retry after a time-out', rounds(['bash', { c: 1 }, 'Error: timeout'], ['bash', { c: 1 }, 'ok'])],
    ['polling that moves', rounds(...[10, 20, 30, 40].map((percent) => ['status', {}, `${percent} % done`] as const))],
    ['paging', rounds(...[0, 10, 20, 30].map((offset) => ['read', { path: 'a', offset }, `page ${offset}`] as const))],
    [
      'the same test after different edits',
      rounds(
        ...[1, 2, 3, 4].flatMap(
          (at) =>
            [
              ['edit', { at }, 'edited'],
              ['bash', { c: 'test' }, 'FAIL'],
            ] as const,
        ),
      ),
    ],
    [
      'reading again after an edit',
      rounds(same, ['edit', { path: 'a' }, 'edited'], same, ['edit', { path: 'a', b: 1 }, 'edited'], same),
    ],
    ['many edits with one tool', rounds(...[1, 2, 3, 4, 5, 6].map((at) => ['edit', { at }, 'edited'] as const))],
    ['a person who asks again', [...rounds(same), user('again'), ...rounds(same), user('once more'), ...rounds(same)]],
    ['one id for all calls', different(5).flatMap(([name, args, text]) => [call('0', name, args), result('0', text)])],
    [
      'equal calls side by side in one turn',
      [
        { role: 'assistant', parts: ['a', 'b', 'c'].map((id) => callPart(id, 'roll', {})) } as const,
        ...['a', 'b', 'c'].map((id) => result(id, '4')),
      ],
    ],
    ['replays of one call', [...rounds(...different(4)), ...repeated(10, [call('x'), result('x', 'text')]).flat()]],
    ['a history without calls', [said('hello'), user('hi')]],
  ])('%s is no loop', (_, messages) => {
    expect(detectToolLoop([go, ...messages])).toBeUndefined()
  })

  test('a reminder in a user turn is no person, and does not start the count anew', () => {
    const reminder = user('<system-reminder>Mind the list.</system-reminder>')
    const steps = ['a', 'b', 'c'].flatMap((id) => [call(id, 'read', { path: 'x' }), result(id, 'text'), reminder])
    expect(rule([go, ...steps])).toBe('same-call')
  })
})

const transcripts = readTranscripts()

test.skipIf(transcripts.length === 0)('recorded runs go on, loops put into them end', () => {
  const acted = (kind: 'fires' | 'stops', label: string, set: string): string => {
    const runs = transcripts.filter((run) => run.label === label && run.set === set)
    const hits = runs.filter(({ messages }) =>
      requestsOf(messages).some((request) => {
        const action = detectToolLoop(request)?.action
        return kind === 'fires' ? action !== undefined : action !== undefined && action !== 'nudge'
      }),
    )
    console.log(`${set} ${label}: ${kind} in ${hits.length}/${runs.length}`)
    return `${hits.length}/${runs.length}`
  }
  expect(acted('fires', 'ok', 'real')).toBe('0/40')
  expect(acted('fires', 'ok', 'injected')).toBe('0/140')
  expect(acted('stops', 'ok', 'real')).toBe('0/40')
  expect(acted('stops', 'ok', 'injected')).toBe('0/140')
  expect(acted('stops', 'loop', 'injected')).toBe('160/160')
})
