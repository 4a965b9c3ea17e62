import { hash } from 'node:crypto'

import type { RequestRecord } from '../../core/request-record.ts'

/** Digests of larger ones would hold up everybody for milliseconds. */
const bytesMax = 1024 * 1024
const bodiesMax = 10

/** What was really sent to engines, until its digest is taken when the reply is over. */
export class SentBodies {
  readonly #bodies = new WeakMap<RequestRecord, Buffer[]>()

  add(record: RequestRecord, body: Buffer): void {
    const bodies = this.#bodies.get(record)
    if (bodies === undefined) this.#bodies.set(record, [body])
    else if (bodies.length < bodiesMax) bodies.push(body)
  }

  /** SHA-256 of each, in their order; undefined for one that is too large. */
  takeDigests(record: RequestRecord): readonly (string | undefined)[] {
    const bodies = this.#bodies.get(record) ?? []
    this.#bodies.delete(record)
    return bodies.map((body) => (body.length <= bytesMax ? hash('sha256', body, 'hex') : undefined))
  }
}
