import { expect, test } from 'vitest'

import { StreamCut } from '../../../src/gateway/request/reply/stream-cut.ts'
import { ChantWatch } from '../../../src/toolcalls/loop/chant-watch.ts'

/** What is heard of a stream that comes in these chunks. */
function hearing() {
  const heard: { type: string; text: string }[] = []
  const watch = new ChantWatch(() => undefined)
  watch.hear = (part) => {
    heard.push(part)
    return false
  }
  const cut = new StreamCut({ watch, promptTokens: undefined })
  return { heard, push: (text: string) => cut.push(Buffer.from(text)) }
}

const event = (delta: object): string => `data: ${JSON.stringify({ choices: [{ index: 0, delta }] })}\n\n`

test('text and thoughts are heard as they were said, quotes and backslashes in them too', () => {
  const { heard, push } = hearing()
  const text = 'a "b" \\" \\\\ "content":"no" \n'
  push(event({ content: text }) + event({ reasoning_content: text }) + event({ role: 'assistant', content: '' }))
  expect(heard).toEqual([
    { type: 'text', text },
    { type: 'reasoning', text },
  ])
})

test('an event of megabytes is heard like any other', () => {
  const { heard, push } = hearing()
  const text = `${'z'.repeat(12_000_000)} "quoted"`
  push(event({ content: text }))
  expect(heard.map(({ text: all }) => all.length)).toEqual([text.length])
})

test('a line that never ends is not held', () => {
  const { heard, push } = hearing()
  push(`data: ${'x'.repeat(2 * 1024 * 1024)}`)
  push(`\n\n${event({ content: 'unheard' })}`)
  expect(heard).toEqual([])
})
