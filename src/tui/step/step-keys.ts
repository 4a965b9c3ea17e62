import type { StepMove } from './step-place.ts'

/** Of what a terminal says of a key, the part that counts here. */
export interface PressedKey {
  readonly leftArrow: boolean
  readonly rightArrow: boolean
  readonly upArrow: boolean
  readonly downArrow: boolean
  readonly pageUp: boolean
  readonly pageDown: boolean
  readonly tab: boolean
  readonly shift: boolean
  readonly home?: boolean
  readonly end?: boolean
}

/** @param page rows that a page has */
export function moveOf(input: string, key: PressedKey, page: number): StepMove | undefined {
  if (key.rightArrow) return 'next'
  if (key.leftArrow) return 'previous'
  if (key.downArrow) return { scrollBy: 1 }
  if (key.upArrow) return { scrollBy: -1 }
  if (key.pageDown) return { scrollBy: page }
  if (key.pageUp) return { scrollBy: -page }
  if (key.tab) return key.shift ? 'previous-run' : 'next-run'
  if (key.home === true) return 'first'
  if (key.end === true) return 'last'
  return moves.get(input)
}

const moves: ReadonlyMap<string, StepMove> = new Map<string, StepMove>([
  ['l', 'next'],
  [' ', 'next'],
  ['h', 'previous'],
  ['j', { scrollBy: 1 }],
  ['k', { scrollBy: -1 }],
  ['g', 'first'],
  ['G', 'last'],
  ['n', 'next-change'],
  ['p', 'previous-change'],
  ['a', 'toggle-all'],
])

/** The keys in as many words as there is room for. */
export function keysText(columns: number, runs: number): string {
  const run = runs > 1 ? ['Tab run', 'Tab'] : ['', '']
  const texts = [
    ['←→ request', 'n p change', '↑↓ scroll', run[0], 'a all of it', 'q quits'],
    ['←→', 'n p', '↑↓', run[1], 'a', 'q'],
  ].map((parts) => parts.filter((part) => part !== '').join('  '))
  return texts.find((text) => text.length <= columns) ?? 'q quits'
}
