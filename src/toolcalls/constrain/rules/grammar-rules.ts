/** Builders take time and memory by the size of a grammar, while the engine answers nobody. */
export class GrammarTooLarge extends Error {
  override readonly name = 'GrammarTooLarge'
}

/**
 * The rules of one GBNF grammar as they are made. A rule that says the same as one before is that one, so that the same
 * schema in ten tools is written once.
 *
 * @throws GrammarTooLarge as soon as it is
 */
export class GrammarRules {
  readonly #names = new Map<string, string>()
  readonly #bodies = new Map<string, string>()
  readonly #once = new Map<object, string>()
  readonly #short = new Map<string, string>()
  #length = 0

  /** The rule's name, by which others refer to it. */
  add(wanted: string, body: string): string {
    const known = this.#names.get(body)
    if (known !== undefined) return known
    // The names of the rules of JSON stay theirs, whatever a tool calls its arguments.
    const stem = `x-${wanted.replaceAll(/[^a-zA-Z0-9]+/g, '-').replaceAll(/^-+|-+$/g, '')}`
    let name = stem
    for (let count = 2; this.#bodies.has(name); count++) name = `${stem}-${count}`
    this.#names.set(body, name)
    return this.define(name, body)
  }

  /** A rule that may be spoken of before it is written, as one is that holds itself. */
  define(name: string, body: string): string {
    if (this.#bodies.has(name)) return name
    this.#bodies.set(name, body)
    this.#length += name.length + body.length
    if (this.#length > lengthMax || this.#bodies.size > rulesMax) throw new GrammarTooLarge('the grammar is too large')
    return name
  }

  /** The rule of this object, made only once, so that it may refer to itself. */
  once(of: object, wanted: string, make: () => string): string {
    const known = this.#once.get(of)
    if (known !== undefined) return known
    const name = `r-${wanted.replaceAll(/[^a-zA-Z0-9]+/g, '-')}-${this.#once.size}`
    this.#once.set(of, name)
    return this.define(name, make())
  }

  /** A short name for what is known by a long one. */
  short(long: string): string {
    const known = this.#short.get(long) ?? `s${this.#short.size}`
    this.#short.set(long, known)
    return known
  }

  has(name: string): boolean {
    return this.#bodies.has(name)
  }

  text(root: string): string {
    return [`root ::= ${root}`, ...Array.from(this.#bodies, ([name, body]) => `${name} ::= ${body}`)].join('\n')
  }
}

const lengthMax = 64 * 1024
const rulesMax = 2_000

/** Text that has to be written as it stands. */
export function literal(text: string): string {
  const escaped = text.replaceAll(/["\\\n\r\t]/g, (character) => escapes[character] ?? character)
  return `"${escaped}"`
}

const escapes: Readonly<Record<string, string>> = {
  '"': String.raw`\"`,
  '\\': String.raw`\\`,
  '\n': String.raw`\n`,
  '\r': String.raw`\r`,
  '\t': String.raw`\t`,
}

/** One of these; in brackets, so that it may stand anywhere. */
export function anyOf(alternatives: readonly string[]): string {
  const [first = '""', ...others] = new Set(alternatives)
  return others.length === 0 ? first : `( ${[first, ...others].join(' | ')} )`
}
