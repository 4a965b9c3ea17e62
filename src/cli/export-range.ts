import { CliError } from './cli-error.ts'

export interface RangeFlags {
  readonly from?: string
  readonly to?: string
  /** So long before the end. */
  readonly since?: string
}

/** The stretch of time that an export is of. @throws CliError with what is wrong */
export function exportRange({ from, to, since }: RangeFlags, nowMs: number) {
  const toMs = to === undefined ? nowMs : momentOf('to', to)
  const fromMs = since === undefined ? momentOf('from', from ?? '1970-01-01') : Math.max(0, toMs - lengthOf(since))
  if (fromMs >= toMs) throw wrong('--from lies behind the end.')
  return { fromMs, toMs }
}

/** A day begins at its midnight in UTC. */
function momentOf(flag: string, text: string): number {
  const ms = Date.parse(text)
  if (Number.isNaN(ms) || ms < 0 || !/^\d{4}-\d\d-\d\d/.test(text))
    throw wrong(`--${flag}: expected a day or a moment such as 2026-11-24T08:00:00Z, got "${text}".`)
  return ms
}

const units: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 }

function lengthOf(text: string): number {
  const [, count = '', unit = ''] = /^(\d{1,6})([mhd])$/.exec(text) ?? []
  const ms = Number(count) * (units[unit] ?? Number.NaN)
  if (!(ms > 0)) throw wrong(`--since: expected minutes, hours or days such as 90m, 36h or 7d, got "${text}".`)
  return ms
}

function wrong(message: string): CliError {
  return new CliError(message, { code: 'invalid_flag', exitCode: 2 })
}
