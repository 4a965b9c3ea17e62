import { render, useApp, useInput, useWindowSize } from 'ink'
import { createElement, useState } from 'react'
import type { ReactElement } from 'react'

import { ScreenView } from '../screen-view.ts'
import { moveOf } from './step-keys.ts'
import { firstPlace, movedPlace } from './step-place.ts'
import type { StepRun } from './step-run.ts'
import { scrollEnd, stepScreen } from './step-screen.ts'

export interface StepOptions {
  readonly runs: readonly StepRun[]
  /** No colours. */
  readonly isPlain: boolean
  readonly stdout?: NodeJS.WriteStream
  readonly stdin?: NodeJS.ReadStream
  /** Ends it from outside. */
  readonly signal?: AbortSignal
}

/** Lets somebody walk through runs on a screen of its own until `q`, Escape or Ctrl-C; the terminal is then as it was. */
export async function openStep({ runs, isPlain, stdout, stdin, signal }: StepOptions): Promise<void> {
  const instance = render(createElement(Walk, { runs, isPlain }), {
    stdout,
    stdin,
    alternateScreen: true,
    interactive: true,
    patchConsole: false,
  })
  const end = (): void => instance.unmount()
  signal?.addEventListener('abort', end, { once: true })
  if (signal?.aborted === true) end()
  try {
    await instance.waitUntilExit()
  } finally {
    signal?.removeEventListener('abort', end)
  }
}

function Walk({ runs, isPlain }: Pick<StepOptions, 'runs' | 'isPlain'>): ReactElement {
  const [place, setPlace] = useState(firstPlace)
  const { exit } = useApp()
  const size = useWindowSize()
  // A screen that is filled to its last row scrolls.
  const room = { columns: Math.max(20, size.columns), rows: Math.max(12, size.rows - 1) }

  useInput((input, key) => {
    if (input === 'q' || key.escape) {
      exit()
      return
    }
    const move = moveOf(input, key, Math.floor(room.rows / 2))
    if (move === undefined) return
    setPlace((before) => {
      const next = movedPlace(before, move, runs)
      return { ...next, scroll: Math.min(next.scroll, scrollEnd({ runs, place: next, ...room })) }
    })
  })
  return createElement(ScreenView, { lines: stepScreen({ runs, place, ...room }), columns: room.columns, isPlain })
}
