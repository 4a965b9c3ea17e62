/**
 * Which models may be resident together, as an operator writes it: `&` joins, `|` separates alternatives and binds less,
 * parentheses group, `+name` stands for another set. Names hold letters, digits, `_`, `-`, `.`, `/` and `:`.
 */
export type MatrixExpression =
  | { readonly kind: 'model'; readonly name: string }
  | { readonly kind: 'set'; readonly name: string }
  | { readonly kind: 'all' | 'any'; readonly parts: readonly MatrixExpression[] }

export type ParsedExpression = { readonly expression: MatrixExpression } | { readonly problem: string }

export function parseMatrixExpression(text: string): ParsedExpression {
  const tokens = Array.from(text.matchAll(tokenPattern), ({ 0: word, index }) => ({ word, at: index + 1 }))
  const wrong = tokens.find(({ word }) => !/^(?:[&|()+]|[\w./:-]+)$/.test(word))
  if (wrong) return { problem: `unexpected ${wrong.word} at column ${wrong.at}; expected a model, &, |, ( ), or +set` }
  try {
    return { expression: new Parser(tokens, text.length + 1).whole() }
  } catch (error) {
    if (error instanceof SyntaxProblem) return { problem: error.message }
    throw error
  }
}

const tokenPattern = /[\w./:-]+|\S/g
const depthMax = 100

interface Token {
  readonly word: string
  readonly at: number
}

class SyntaxProblem extends Error {}

/** Recursive descent; `#next` is the first token not yet read. */
class Parser {
  readonly #tokens: readonly Token[]
  readonly #endAt: number
  #next = 0
  #depth = 0

  constructor(tokens: readonly Token[], endAt: number) {
    this.#tokens = tokens
    this.#endAt = endAt
  }

  whole(): MatrixExpression {
    const expression = this.#any()
    if (this.#peek() !== undefined) this.#fail('expected & or |')
    return expression
  }

  #any(): MatrixExpression {
    return this.#list('any', '|', () => this.#list('all', '&', () => this.#single()))
  }

  #list(kind: 'all' | 'any', separator: string, part: () => MatrixExpression): MatrixExpression {
    const first = part()
    const parts = [first]
    while (this.#accept(separator)) parts.push(part())
    return parts.length === 1 ? first : { kind, parts }
  }

  #single(): MatrixExpression {
    if (this.#accept('(')) return this.#inParentheses()
    if (this.#accept('+')) return { kind: 'set', name: this.#name('the name of a set after +') }
    return { kind: 'model', name: this.#name('a model, a set as +name, or (') }
  }

  #inParentheses(): MatrixExpression {
    this.#depth += 1
    if (this.#depth > depthMax) this.#fail(`expected no more than ${depthMax} parentheses inside each other`)
    const inner = this.#any()
    if (!this.#accept(')')) this.#fail('expected )')
    this.#depth -= 1
    return inner
  }

  #name(expected: string): string {
    const word = this.#peek()?.word
    if (word === undefined || /^[&|()+]$/.test(word)) return this.#fail(`expected ${expected}`)
    this.#next += 1
    return word
  }

  #accept(word: string): boolean {
    if (this.#peek()?.word !== word) return false
    this.#next += 1
    return true
  }

  #peek(): Token | undefined {
    return this.#tokens[this.#next]
  }

  #fail(expected: string): never {
    const token = this.#peek()
    const came = token === undefined ? 'the end' : token.word
    throw new SyntaxProblem(`${expected} at column ${token?.at ?? this.#endAt}, found ${came}`)
  }
}
