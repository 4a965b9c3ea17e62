import type { Engine } from './engine.ts'
import type { Script } from './engine-options.ts'
import { badRequest } from './engine-error.ts'
import { isJsonObject } from './json-fields.ts'
import type { JsonObject } from './json-fields.ts'
import type { Reply } from './reply.ts'
import type { ReceivedRequest } from './request-log.ts'

/** One request being answered: what an endpoint gets. */
export interface Exchange {
  readonly engine: Engine
  readonly request: ReceivedRequest
  readonly reply: Reply
  readonly script: Script | undefined
  /** Parts of the path that the route names, such as a slot's number. */
  readonly parameters: Readonly<Record<string, string | undefined>>
  /** Aborted when the client leaves, a fault cuts the reply, or the engine closes. */
  readonly signal: AbortSignal
  readonly firstTokenDelayMs: number
}

export type Endpoint = (exchange: Exchange) => Promise<void>

/** @throws EngineError in the words of the engine's JSON parser, as far as clients look at them. */
export function jsonBody({ text, body }: ReceivedRequest): JsonObject {
  if (isJsonObject(body)) return body
  const line = text.split('\n').length
  throw badRequest(
    `[json.exception.parse_error.101] parse error at line ${line}, column ${text.length + 1}: syntax error while parsing value`,
  )
}
