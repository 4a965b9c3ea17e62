import type { Operation } from '../core/operation.ts'
import type { ResidenceWish } from './chat-dialect.ts'
import type { Dialect } from './dialect.ts'

/** A dialect in which other operations than chats are said in words of its own; their replies come in one piece. */
export interface RestatingDialect extends Dialect {
  /**
   * The request in OpenAI's shape, which engines take.
   *
   * @param json the parsed body
   * @throws LlmrError `invalid_request`
   */
  restate(operation: Operation, json: Readonly<Record<string, unknown>>): Restatement
}

export interface Restatement {
  readonly json: Readonly<Record<string, unknown>>
  /** What was left out, in a few words each, without content. */
  readonly notes: readonly string[]
  /** What the client wants of the model's place in memory, in dialects that have a word for it. */
  readonly residence?: ResidenceWish
  /**
   * The engine's reply in the client's words.
   *
   * @param reply in OpenAI's shape
   * @throws SyntaxError when it is none
   */
  writeReply(reply: unknown, facts: { readonly model: string; readonly elapsedMs: number }): object
}

export function isRestatingDialect(dialect: Dialect): dialect is RestatingDialect {
  return 'restate' in dialect
}
