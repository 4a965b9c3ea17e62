/** What the address at which a message is settled says of the message. */
export interface AckAddress {
  /** 1 when it was lent for the first time. */
  readonly attempt: number
  /** In the stream. */
  readonly sequence: number
  readonly publishedAtMs: number
}

const nanosecondsInMs = 1_000_000n

/**
 * `$JS.ACK.STREAM.CONSUMER.ATTEMPT.SEQUENCE.DELIVERY.NANOSECONDS.PENDING`; in a domain, two words more in front of the
 * stream and perhaps one at the end.
 *
 * @throws TypeError for anything else
 */
export function parseAckAddress(address: string): AckAddress {
  const words = address.split('.')
  const isLong = words.length >= longWords
  const [attempt, sequence, , time] = words.slice(isLong ? 6 : 4)
  if (words[0] !== '$JS' || words[1] !== 'ACK' || time === undefined) {
    throw new TypeError(`expected the address at which a message of JetStream is settled, got "${address}"`)
  }
  return {
    attempt: Number(attempt),
    sequence: Number(sequence),
    publishedAtMs: Number(BigInt(time) / nanosecondsInMs),
  }
}

const longWords = 11
