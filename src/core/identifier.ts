import { randomFillSync } from 'node:crypto'

// Randomness is drawn in blocks, and written as hex by the block: one call to the kernel a request, or one text for each
// byte, would cost more than the rest of the id.
const randomDigits = 20
const pool = Buffer.allocUnsafe((randomDigits / 2) * 256)
let hex = ''

// Many requests share a millisecond.
let lastMs = Number.NaN
let lastTime = ''

/** A UUIDv7 (RFC 9562): 48 bits of milliseconds since the epoch, then random bits, so that ids sort by time. */
export function uuidv7(nowMs: number): string {
  if (hex === '') hex = randomFillSync(pool).toString('hex')
  const random = hex.slice(0, randomDigits)
  hex = hex.slice(randomDigits)
  if (nowMs !== lastMs) {
    const time = nowMs.toString(16).padStart(12, '0')
    lastMs = nowMs
    lastTime = `${time.slice(0, 8)}-${time.slice(8)}`
  }
  const variant = '89ab'.charAt(random.charCodeAt(3) & 3)
  return `${lastTime}-7${random.slice(0, 3)}-${variant}${random.slice(4, 7)}-${random.slice(7, 19)}`
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
