import { randomFillSync } from 'node:crypto'

// Randomness is drawn in blocks: one call to the kernel a request would cost more than the rest of the id.
const pool = Buffer.allocUnsafe(10 * 256)
let used = pool.length

const hex = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

/** A UUIDv7 (RFC 9562): 48 bits of milliseconds since the epoch, then random bits, so that ids sort by time. */
export function uuidv7(nowMs: number): string {
  if (used === pool.length) {
    randomFillSync(pool)
    used = 0
  }
  const at = used
  used += 10
  const time = nowMs.toString(16).padStart(12, '0')
  const byte = (index: number): string => hex[pool[at + index] ?? 0] ?? '00'
  const version = hex[0x70 | ((pool[at] ?? 0) & 0x0f)] ?? '70'
  const variant = hex[0x80 | ((pool[at + 2] ?? 0) & 0x3f)] ?? '80'
  return (
    `${time.slice(0, 8)}-${time.slice(8)}-${version}${byte(1)}-${variant}${byte(3)}-` +
    `${byte(4)}${byte(5)}${byte(6)}${byte(7)}${byte(8)}${byte(9)}`
  )
}

/** A name that is unique for good, of 32 letters and digits. */
export function mintId(): string {
  return uuidv7(Date.now()).replaceAll('-', '')
}

const correlationPattern = /^[A-Za-z0-9._:-]{1,128}$/

/** A correlation id is a label that a client chose; one that could break a log line or a header is not accepted. */
export function isCorrelationId(value: unknown): value is string {
  return typeof value === 'string' && correlationPattern.test(value)
}
