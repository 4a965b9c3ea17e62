import type { JsonObject } from './json-fields.ts'

/** A refusal in the engine's own words; thrown by endpoints and written by the dispatcher. */
export class EngineError extends Error {
  readonly status: number
  readonly type: string
  readonly facts: JsonObject

  constructor({ status, type, message, facts = {} }: EngineErrorFields) {
    super(message)
    this.status = status
    this.type = type
    this.facts = facts
  }

  /** As llama-server writes it: `{"error":{"code","message","type",…}}`. */
  get body(): JsonObject {
    return { error: { code: this.status, message: this.message, type: this.type, ...this.facts } }
  }
}

interface EngineErrorFields {
  readonly status: number
  readonly type: string
  readonly message: string
  readonly facts?: JsonObject
}

export function badRequest(message: string): EngineError {
  return new EngineError({ status: 400, type: 'invalid_request_error', message })
}

export function notSupported(message: string): EngineError {
  return new EngineError({ status: 501, type: 'not_supported_error', message })
}

export function contextExceeded({ promptTokens, contextLength }: { promptTokens: number; contextLength: number }) {
  return new EngineError({
    status: 400,
    type: 'exceed_context_size_error',
    message: `request (${promptTokens} tokens) exceeds the available context size (${contextLength} tokens), try increasing it`,
    facts: { n_prompt_tokens: promptTokens, n_ctx: contextLength },
  })
}

/** The replies of the engine's HTTP layer order their fields differently from those of its endpoints. */
export const httpErrors = {
  loading: { error: { message: 'Loading model', type: 'unavailable_error', code: 503 } },
  notFound: { error: { message: 'File Not Found', type: 'not_found_error', code: 404 } },
  unauthorized: { error: { message: 'Invalid API Key', type: 'authentication_error', code: 401 } },
} as const
