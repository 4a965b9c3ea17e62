import { render, useApp, useInput, useStdin, useWindowSize } from 'ink'
import { createElement, useEffect, useState } from 'react'
import type { ReactElement } from 'react'

import type { TopSnapshot } from './top-snapshot.ts'
import { TopView } from './top-view.ts'

export interface TopOptions {
  readonly first: TopSnapshot
  /** One moment of the gateway; asked for again when the last answer is there and `intervalMs` have passed. */
  readonly read: () => Promise<TopSnapshot>
  readonly intervalMs: number
  readonly stdout?: NodeJS.WriteStream
  readonly stdin?: NodeJS.ReadStream
  /** Ends it from outside. */
  readonly signal?: AbortSignal
}

/** Shows a gateway on a screen of its own until `q`, Escape or Ctrl-C; the terminal is then as it was before. */
export async function openTop({ first, read, intervalMs, stdout, stdin, signal }: TopOptions): Promise<void> {
  const instance = render(createElement(Top, { first, read, intervalMs }), {
    stdout,
    stdin,
    alternateScreen: true,
    interactive: true,
    patchConsole: false,
    maxFps: 10,
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

interface Shown {
  readonly snapshot: TopSnapshot
  readonly problem?: string
}

function Top({ first, read, intervalMs }: Pick<TopOptions, 'first' | 'read' | 'intervalMs'>): ReactElement {
  const [shown, setShown] = useState<Shown>({ snapshot: first })
  const { exit } = useApp()
  const { isRawModeSupported } = useStdin()
  const { columns, rows } = useWindowSize()

  useInput(
    (input, key) => {
      if (input === 'q' || key.escape) exit()
    },
    { isActive: isRawModeSupported },
  )
  useEffect(() => follow({ read, intervalMs, show: (change) => setShown(change) }), [read, intervalMs])

  // A screen that is filled to its last row scrolls.
  const room = { columns: Math.max(40, columns), rows: Math.max(10, rows - 1) }
  return createElement(TopView, { ...shown, ...room, keys: isRawModeSupported ? 'q quits' : 'Ctrl-C quits' })
}

/** @returns what ends it; a read that is under way then has nobody to show its answer to */
function follow({
  read,
  intervalMs,
  show,
}: Pick<TopOptions, 'read' | 'intervalMs'> & {
  readonly show: (change: (before: Shown) => Shown) => void
}): () => void {
  let isOver = false
  let timer: NodeJS.Timeout | undefined
  const look = async (): Promise<void> => {
    try {
      const snapshot = await read()
      if (!isOver) show(() => ({ snapshot }))
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error)
      if (!isOver) show(({ snapshot }) => ({ snapshot, problem }))
    }
    if (!isOver) timer = setTimeout(() => void look(), intervalMs)
  }
  timer = setTimeout(() => void look(), intervalMs)
  return () => {
    isOver = true
    clearTimeout(timer)
  }
}
