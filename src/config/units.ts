import { z } from 'zod'

const durationUnits = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const
const sizeUnits = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3, KB: 1e3, MB: 1e6, GB: 1e9 } as const

const durationPattern = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/
const sizePattern = /^(\d+(?:\.\d+)?) ?(B|KiB|MiB|GiB|KB|MB|GB)$/

/** `30s`, `500ms`, `10m`, `2h`, `1d`; the value is milliseconds. A bare number is refused: of what? */
export const duration = z
  .string({ error: 'expected a duration such as 30s, 500ms or 10m' })
  .regex(durationPattern, { error: 'expected a duration such as 30s, 500ms or 10m' })
  .transform((text) => Math.round(scale(text, durationPattern, durationUnits)))

/** `64MiB`, `24GiB`, `512KB`; the value is bytes. */
export const size = z
  .string({ error: 'expected a size such as 64MiB or 24GiB' })
  .regex(sizePattern, { error: 'expected a size such as 64MiB or 24GiB' })
  .transform((text) => Math.round(scale(text, sizePattern, sizeUnits)))

function scale(text: string, pattern: RegExp, units: Readonly<Record<string, number>>): number {
  const [, amount, unit] = pattern.exec(text) ?? []
  return Number(amount) * (units[unit ?? ''] ?? Number.NaN)
}
