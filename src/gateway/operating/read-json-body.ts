import { readRequest } from '../../dialects/openai/read-request.ts'
import type { Exchange } from '../../http/exchange.ts'

/**
 * What an operator's command sent; empty where it sent nothing.
 *
 * @throws LlmrError `invalid_json`, `invalid_request`, `body_too_large`
 */
export async function readJsonBody(exchange: Exchange): Promise<Readonly<Record<string, unknown>>> {
  const body = await exchange.readBody()
  return readRequest({ contentType: 'application/json', body, query: '' }).json ?? {}
}
