import type { ResidenceWish } from '../chat-dialect.ts'

/**
 * `keep_alive`: seconds as a number, or a duration such as `5m`; below zero means for good. What is neither is taken for
 * nothing said.
 */
export function readResidence(keepAlive: unknown): ResidenceWish {
  const ms = typeof keepAlive === 'number' ? keepAlive * 1000 : durationMs(keepAlive)
  if (ms === undefined || Number.isNaN(ms)) return {}
  return { idleMs: ms < 0 ? Infinity : ms }
}

const unitMs: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
}

const durationMaxLength = 64

/** As Go writes durations: `1h30m`, `-1s`, `1.5h`. A bare number, which some clients send as text, is seconds. */
function durationMs(value: unknown): number | undefined {
  if (typeof value !== 'string' || value.length > durationMaxLength) return undefined
  const [, sign = '', text = ''] = /^\s*([+-]?)(.*?)\s*$/s.exec(value) ?? []
  const factor = sign === '-' ? -1 : 1
  if (/^\d+(\.\d+)?$/.test(text)) return factor * Number(text) * 1000
  if (!/^(\d+(\.\d*)?(ns|us|µs|ms|s|m|h))+$/.test(text)) return undefined
  const pieces = text.matchAll(/(\d+(?:\.\d*)?)(ns|us|µs|ms|s|m|h)/g)
  return factor * Array.from(pieces, ([, count, unit = '']) => Number(count) * (unitMs[unit] ?? 0)).reduce(add, 0)
}

function add(one: number, other: number): number {
  return one + other
}
