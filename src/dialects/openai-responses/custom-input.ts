import { objectAt, parseForeignJson } from '../../core/foreign-json.ts'

/** How the arguments of a custom tool begin when the model does as it was told. */
const beginning = /^\s*\{\s*"input"\s*:\s*"/
const beginningMaxLength = 200

const escape = /^\\(?:u[0-9a-fA-F]{4}|[^u])/s
const escapeMaxLength = 6
const highSurrogate = /[\uD800-\uDBFF]/

/**
 * The text inside `{"input":"…"}`, piece by piece as the arguments come. What does not begin so is kept until the end,
 * and taken for what it most likely is: models also write the bare text.
 */
export class CustomInput {
  #state: 'undecided' | 'inside' | 'after' | 'other' = 'undecided'
  /** Not said yet. */
  #rest = ''

  /** What is known of the text by now and was not said before. */
  push(argumentsText: string): string {
    if (this.#state === 'after') return ''
    this.#rest += argumentsText
    if (this.#state === 'undecided') this.#decide()
    return this.#state === 'inside' ? this.#takeDecoded() : ''
  }

  end(): string {
    if (this.#state === 'after') return ''
    const rest = this.#rest
    this.#rest = ''
    return this.#state === 'inside' ? rest : inputOf(rest)
  }

  #decide(): void {
    const found = beginning.exec(this.#rest.slice(0, beginningMaxLength))
    if (found !== null) {
      this.#state = 'inside'
      this.#rest = this.#rest.slice(found[0].length)
    } else if (this.#rest.length >= beginningMaxLength) this.#state = 'other'
  }

  #takeDecoded(): string {
    let said = ''
    let from = 0
    while (from < this.#rest.length) {
      const special = nextSpecial(this.#rest, from)
      said += this.#rest.slice(from, special)
      from = special
      if (this.#rest[from] === '"') {
        this.#state = 'after'
        this.#rest = ''
        return said
      }
      if (from === this.#rest.length) break
      const [whole] = escape.exec(this.#rest.slice(from, from + escapeMaxLength)) ?? []
      if (whole === undefined && this.#rest.length - from < escapeMaxLength) break
      said += whole === undefined ? this.#rest[from] : unescaped(whole)
      from += whole?.length ?? 1
    }
    this.#rest = this.#rest.slice(from)
    return this.#withoutHalf(said)
  }

  /** Half a character is no text: it waits for the other half. */
  #withoutHalf(said: string): string {
    const half = said.at(-1) ?? ''
    if (!highSurrogate.test(half)) return said
    this.#rest = half + this.#rest
    return said.slice(0, -1)
  }
}

/** The text in whole arguments. */
export function customInputOf(argumentsText: string): string {
  const input = new CustomInput()
  return input.push(argumentsText) + input.end()
}

/** The nearest of both: two searches would each go through to the end of a long text, again and again. */
function nextSpecial(text: string, from: number): number {
  const special = /["\\]/g
  special.lastIndex = from
  return special.exec(text)?.index ?? text.length
}

function unescaped(sequence: string): string {
  const decoded = parseForeignJson(`"${sequence}"`)
  return typeof decoded === 'string' ? decoded : sequence
}

function inputOf(argumentsText: string): string {
  const value = parseForeignJson(argumentsText)
  if (typeof value === 'string') return value
  const fields = objectAt(value)
  const [only, second] = Object.values(fields ?? {})
  const input = fields?.['input'] ?? (second === undefined ? only : undefined)
  return typeof input === 'string' ? input : argumentsText
}
