import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { LogRing, safeForTerminal } from '../../../src/lifecycle/output/log-ring.ts'
import type { LogLine } from '../../../src/lifecycle/output/log-ring.ts'

function ring(sizeMax = 1_000_000): LogRing {
  return new LogRing({ sizeMax, now: () => 1 })
}

const texts = (lines: readonly LogLine[]): readonly string[] => lines.map(({ text }) => text)

describe('the last lines of an engine', () => {
  test('do not depend on where its output was torn, in the middle of a character or of a line break either', () => {
    const output = fc.array(fc.constantFrom('a', 'ä', '漢', '😀', '\n', '\r\n', '\r'), { maxLength: 40 })
    fc.assert(
      fc.property(output, fc.array(fc.nat({ max: 60 })), (parts, cuts) => {
        const bytes = Buffer.from(parts.join(''))
        const whole = ring()
        whole.write(bytes, 'stderr')
        whole.flush()
        const torn = ring()
        let from = 0
        for (const cut of cuts.sort((one, other) => one - other)) {
          torn.write(bytes.subarray(from, Math.max(from, cut)), 'stderr')
          from = Math.max(from, cut)
        }
        torn.write(bytes.subarray(from), 'stderr')
        torn.flush()
        expect(texts(torn.lines())).toEqual(texts(whole.lines()))
      }),
    )
  })

  test('never take more than their bound, and are always the last ones', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 30, unit: fc.constantFrom('x', 'y') })), (written) => {
        const kept = ring(100)
        for (const line of written) kept.write(Buffer.from(`${line}\n`), 'stdout')
        const lines = texts(kept.lines())
        expect(lines).toEqual(written.slice(written.length - lines.length))
        expect(lines.reduce((size, line) => size + line.length + 1, 0)).toBeLessThanOrEqual(100)
        expect(lines.length).toBeGreaterThanOrEqual(Math.min(written.length, 1))
      }),
    )
  })

  test('stay bounded over many lines, and numbers tell what was lost', () => {
    const kept = ring(1_000)
    for (let count = 0; count < 10_000; count++) kept.write(Buffer.from(`line ${count}\n`), 'stdout')
    const lines = kept.lines()
    expect(lines.at(-1)).toEqual({ number: 10_000, atMs: 1, stream: 'stdout', text: 'line 9999' })
    expect(lines.length).toBeLessThan(101)
    expect(texts(kept.lines(2))).toEqual(['line 9998', 'line 9999'])
  })

  test('without any line break are cut', () => {
    const kept = ring()
    kept.write(Buffer.from('x'.repeat(20_000)), 'stdout')
    expect(kept.lines().map(({ text }) => text.length)).toEqual([8_192, 8_192])
  })

  test('keep the two streams apart in the middle of lines', () => {
    const kept = ring()
    kept.write(Buffer.from('out'), 'stdout')
    kept.write(Buffer.from('error\n'), 'stderr')
    kept.write(Buffer.from('put\n'), 'stdout')
    expect(texts(kept.lines())).toEqual(['error', 'output'])
  })

  test('can be followed until one has had enough', () => {
    const kept = ring()
    const seen: string[] = []
    const stop = kept.follow(({ text }) => seen.push(text))
    kept.note('one')
    stop()
    kept.note('two')
    expect(seen).toEqual(['one'])
  })
})

test.each([
  ['\u001b[31mred\u001b[0m', 'red'],
  ['\u001b]0;title\u0007text', 'text'],
  ['a\tb', 'a\tb'],
  ['bell\u0007 back\b', 'bell back'],
  ['\u009b31mred', '31mred'],
])('%j is shown as %j: an engine does not get at the terminal of whoever reads its log', (raw, shown) => {
  expect(safeForTerminal(raw)).toBe(shown)
})
