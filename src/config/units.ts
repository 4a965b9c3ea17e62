import { z } from 'zod'

import { marks } from './schema-marks.ts'

const durationUnits = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const
const sizeUnits = { B: 1, KB: 1e3, KiB: 1024, MB: 1e6, MiB: 1024 ** 2, GB: 1e9, GiB: 1024 ** 3 } as const

const durationPattern = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/
const sizePattern = /^(\d+(?:\.\d+)?) ?(B|KiB|MiB|GiB|KB|MB|GB)$/

const durationError = 'expected a duration such as 30s, 500ms or 10m'
const sizeError = 'expected a size such as 64MiB or 24GiB'

/** Node's timers hold 2^31 - 1 ms, a little more than 24 days, and fire at once when told to wait longer. */
const durationMaxMs = 24 * durationUnits.d

/** `30s`, `500ms`, `10m`, `2h`, `1d`; the value is milliseconds, from 1 ms to 24 days. A bare number is refused: of what? */
export const duration = durationFrom(1)

/** The same, where `0s` has a meaning. */
export const durationOrZero = durationFrom(0)

/** How long something is kept, `30d`, up to ten years: no timer waits for that. */
export const retention = durationFrom(1, 3_650 * durationUnits.d)

/** `64MiB`, `24GiB`, `512KB`; the value is bytes. */
export const size = z
  .string({ error: sizeError })
  .regex(sizePattern, { error: sizeError, abort: true })
  .refine((text) => isWithin(toBytes(text), 1, Number.MAX_SAFE_INTEGER), {
    error: 'expected a size of at least 1B and less than 8388608GiB',
  })
  .transform(toBytes)
  .register(marks, { mark: 'size' })

/** The shortest exact writing: 90000 → `90s`, 3600000 → `1h`. */
export function formatDuration(ms: number): string {
  return format(ms, durationUnits)
}

/** The shortest exact writing, in binary units where they fit: 67108864 → `64MiB`. */
export function formatSize(bytes: number): string {
  return format(bytes, sizeUnits)
}

function durationFrom(leastMs: 0 | 1, mostMs = durationMaxMs) {
  return z
    .string({ error: durationError })
    .regex(durationPattern, { error: durationError, abort: true })
    .refine((text) => isWithin(toMilliseconds(text), leastMs, mostMs), {
      error: `expected a duration from ${leastMs}ms to ${mostMs / durationUnits.d}d`,
    })
    .transform(toMilliseconds)
    .register(marks, { mark: 'duration' })
}

function toMilliseconds(text: string): number {
  return scale(text, durationPattern, durationUnits)
}

function toBytes(text: string): number {
  return scale(text, sizePattern, sizeUnits)
}

function isWithin(value: number, least: number, most: number): boolean {
  return value >= least && value <= most
}

function scale(text: string, pattern: RegExp, units: Readonly<Record<string, number>>): number {
  const [, amount, unit] = pattern.exec(text) ?? []
  return Math.round(Number(amount) * (units[unit ?? ''] ?? Number.NaN))
}

function format(value: number, units: Readonly<Record<string, number>>): string {
  const writings = Object.entries(units)
    .filter(([, factor]) => value % factor === 0)
    .map(([unit, factor]) => `${value / factor}${unit}`)
  return value === 0
    ? (writings[1] ?? '0')
    : writings.reduce((best, text) => (text.length <= best.length ? text : best))
}
