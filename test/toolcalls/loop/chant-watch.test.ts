import { expect, test } from 'vitest'

import type { Chant } from '../../../src/toolcalls/loop/chant-guard.ts'
import { ChantWatch } from '../../../src/toolcalls/loop/chant-watch.ts'

const chanted = 'I will now read the file again. '.repeat(40)

function watching(userText?: string) {
  const found: Chant[] = []
  return { found, watch: new ChantWatch((chant) => found.push(chant), userText) }
}

test('a chant in what is said or in what is thought is told once, and counts until the reply begins again', () => {
  for (const type of ['text', 'reasoning'] as const) {
    const { watch, found } = watching()
    expect(watch.hear({ type, text: chanted })).toBe(true)
    expect(watch.hear({ type: 'text', text: 'Done.' })).toBe(true)
    expect(watch.hear({ type, text: chanted })).toBe(true)
    expect(found).toHaveLength(1)
    watch.restart()
    expect(watch.hear({ type, text: 'Something new.' })).toBe(false)
  }
})

test('words and thoughts that alternate are no chant of either', () => {
  const { watch } = watching()
  for (let round = 0; round < 8; round++) {
    expect(watch.hear({ type: 'text', text: `Step ${round} is done. ` })).toBe(false)
    expect(watch.hear({ type: 'reasoning', text: `Then number ${round * 7} follows. ` })).toBe(false)
  }
})

test('what a person asked to be said over and over is no chant, to the end of the reply', () => {
  const { watch, found } = watching('Write "I will now read the file again." forty times')
  expect(watch.hear({ type: 'text', text: chanted })).toBe(false)
  expect(watch.hear({ type: 'text', text: 'And now and then. '.repeat(60) })).toBe(false)
  expect(found).toEqual([])
})
