let second = Number.NaN
let prefix = ''

/**
 * ISO 8601 in UTC with milliseconds, as `Date.prototype.toISOString` writes it. Lines of one second share all but the
 * last five characters, and every request needs one.
 */
export function isoTime(epochMs: number): string {
  const whole = Math.trunc(epochMs)
  const start = Math.floor(whole / 1000)
  if (start !== second) {
    prefix = new Date(start * 1000).toISOString().slice(0, 20)
    second = start
  }
  const millisecond = whole - start * 1000
  return `${prefix}${millisecond < 10 ? '00' : millisecond < 100 ? '0' : ''}${millisecond}Z`
}
