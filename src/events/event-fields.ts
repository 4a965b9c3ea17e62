import { EventUnreadable } from './event-unreadable.ts'

const latestMs = 1e14

/** The fields of an event, or of an object in it, as somebody else wrote them. Every method throws EventUnreadable. */
export class EventFields {
  readonly #fields: ReadonlyMap<string, unknown>

  constructor(value: unknown) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong('the body', 'an object', value)
    this.#fields = new Map(Object.entries(value))
  }

  text(name: string): string {
    return this.maybeText(name) ?? this.#missing(name, 'a text')
  }

  maybeText(name: string): string | undefined {
    const value = this.#fields.get(name)
    if (value !== undefined && typeof value !== 'string') throw wrong(name, 'a text', value)
    return value
  }

  number(name: string): number {
    return this.maybeNumber(name) ?? this.#missing(name, 'a number')
  }

  /** Between 1970 and a year that every database knows. */
  milliseconds(name: string): number {
    const value = this.number(name)
    if (!(value >= 0 && value <= latestMs)) throw wrong(name, `milliseconds up to ${latestMs}`, value)
    return value
  }

  maybeNumber(name: string): number | undefined {
    const value = this.#fields.get(name)
    if (value !== undefined && typeof value !== 'number') throw wrong(name, 'a number', value)
    return value
  }

  flag(name: string): boolean {
    return this.maybeFlag(name) ?? this.#missing(name, 'true or false')
  }

  maybeFlag(name: string): boolean | undefined {
    const value = this.#fields.get(name)
    if (value !== undefined && typeof value !== 'boolean') throw wrong(name, 'true or false', value)
    return value
  }

  count(name: string): number {
    const value = this.number(name)
    return Number.isSafeInteger(value) && value >= 0 ? value : this.#missing(name, 'a count')
  }

  /** Of SHA-256, in hex. */
  digest(name: string): string {
    const value = this.text(name)
    return /^[0-9a-f]{64}$/.test(value) ? value : this.#missing(name, '64 hexadecimal digits')
  }

  inner(name: string): EventFields {
    return this.maybeInner(name) ?? this.#missing(name, 'an object')
  }

  maybeInner(name: string): EventFields | undefined {
    const value = this.#fields.get(name)
    return value === undefined ? undefined : new EventFields(value)
  }

  textOrInner(name: string): string | EventFields {
    const value = this.#fields.get(name)
    if (value === undefined) return this.#missing(name, 'a text or an object')
    return typeof value === 'string' ? value : new EventFields(value)
  }

  texts(name: string): readonly string[] {
    return this.list(name).map((value) => (typeof value === 'string' ? value : this.#missing(name, 'a list of texts')))
  }

  oneOf<Choice extends string>(name: string, choices: readonly Choice[]): Choice {
    const value = this.text(name)
    return choices.find((choice) => choice === value) ?? this.#missing(name, `one of ${choices.join(', ')}`)
  }

  list(name: string): readonly unknown[] {
    return this.maybeList(name) ?? this.#missing(name, 'a list')
  }

  maybeList(name: string): readonly unknown[] | undefined {
    const value = this.#fields.get(name)
    if (value !== undefined && !Array.isArray(value)) throw wrong(name, 'a list', value)
    return value
  }

  object(name: string): Readonly<Record<string, unknown>> {
    const value = this.#fields.get(name)
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return this.#missing(name, 'an object')
    return Object.fromEntries(Object.entries(value))
  }

  #missing(name: string, expected: string): never {
    throw wrong(name, expected, this.#fields.get(name))
  }
}

/** Never shows a value: it may be content. */
function wrong(name: string, expected: string, value: unknown): EventUnreadable {
  const got = Array.isArray(value) ? 'a list' : value === null ? 'null' : typeof value
  return new EventUnreadable(`expected ${expected} as ${name}, got ${got}`)
}
