/** Amounts as people read them at a glance. */

export function gibibytes(bytes: number): string {
  return (bytes / 1024 ** 3).toFixed(bytes >= 100 * 1024 ** 3 ? 0 : 1)
}

/** `40 ms`, `4.2 s`, `12 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`. */
export function span(ms: number): string {
  if (ms < 999.5) return `${Math.round(Math.max(0, ms))} ms`
  const seconds = ms / 1_000
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`
  const whole = Math.round(seconds)
  if (whole < 60) return `${whole} s`
  if (whole < 3_600) return `${Math.floor(whole / 60)} min ${whole % 60} s`
  if (whole < 86_400) return `${Math.floor(whole / 3_600)} h ${Math.floor((whole % 3_600) / 60)} min`
  return `${Math.floor(whole / 86_400)} d ${Math.floor((whole % 86_400) / 3_600)} h`
}

/** In the zone of whoever looks. */
export function timeOfDay(ms: number): string {
  const at = new Date(ms)
  return [at.getHours(), at.getMinutes(), at.getSeconds()].map((part) => String(part).padStart(2, '0')).join(':')
}

/** `0`, `7.5`, `118`. */
export function rate(perSecond: number): string {
  return perSecond === 0 ? '0' : perSecond.toFixed(perSecond < 9.95 ? 1 : 0)
}

const heights = '▁▂▃▄▅▆▇█'

/** One character a value, by the highest among them; nothing is a blank and not a low bar. */
export function sparkline(values: readonly number[]): string {
  const most = Math.max(0, ...values)
  return values.map((value) => (value <= 0 ? ' ' : heights[Math.min(7, Math.floor((value / most) * 8))])).join('')
}
