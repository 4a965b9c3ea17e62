import { existsSync } from 'node:fs'

import type { SpoolStanding } from '../../core/side-path-standing.ts'
import { readLeft } from './left-entries.ts'

/** How the spool in this folder stands while no gateway runs. Nothing in it is changed. */
export function leftStanding(folder: string, nowMs: number): SpoolStanding {
  if (!existsSync(folder)) return { entries: 0, waiting: 0, bytes: 0 }
  const { segments, entries } = readLeft(folder)
  const [oldest] = entries
  return {
    entries: entries.length,
    waiting: entries.length,
    bytes: segments.reduce((sum, { bytes }) => sum + bytes, 0),
    ...(oldest !== undefined && { oldestMs: Math.max(0, nowMs - oldest.appendedAtMs) }),
  }
}
