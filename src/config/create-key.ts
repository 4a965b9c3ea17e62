import { hash, randomBytes } from 'node:crypto'

export interface CreatedKey {
  /** What the client sends; exists only here, and is printed once. */
  readonly secret: string
  /** 64 hex digits, which is all that is kept. */
  readonly sha256: string
}

/** A new random key of 256 bits. Nothing is stored. */
export function createKey(): CreatedKey {
  const secret = `llmr_${randomBytes(32).toString('base64url')}`
  return { secret, sha256: hash('sha256', secret, 'hex') }
}
