import type { IncomingHttpHeaders } from 'node:http'

/**
 * What a client may have put its key into. All of it is read, because tools send placeholders (`sk-…`, `ollama`) in one
 * header and the real key in another. The order is the order of trial; usually there is one or none.
 */
export function credentialsOf(headers: IncomingHttpHeaders): readonly string[] {
  const found: string[] = []
  if (headers.authorization !== undefined) collect(found, fromAuthorization(headers.authorization))
  collect(found, headers['x-api-key'])
  collect(found, headers['api-key'])
  return found
}

/** For messages: the forms that `credentialsOf` reads. */
export const credentialForms =
  '"Authorization: Bearer KEY", "x-api-key: KEY", "api-key: KEY" or "Authorization: Basic" with the key as password'

/** Browsers attach these by themselves to requests that any page starts. No other credential travels unasked. */
export function isBasic(authorization: string | undefined): boolean {
  return authorization !== undefined && schemePattern.exec(authorization)?.[1]?.toLowerCase() === 'basic'
}

function collect(found: string[], value: string | readonly string[] | undefined): void {
  if (typeof value === 'string' && value !== '') found.push(value)
}

const schemePattern = /^(bearer|basic) +/i

function fromAuthorization(authorization: string): string | undefined {
  const scheme = schemePattern.exec(authorization)
  if (scheme === null) return undefined
  const rest = authorization.slice(scheme[0].length)
  return scheme[1]?.length === 'bearer'.length ? rest : fromBasic(rest)
}

/** RFC 7617. Tools that only have a user field put the key there. */
function fromBasic(encoded: string): string {
  const pair = Buffer.from(encoded, 'base64').toString('latin1')
  const colon = pair.indexOf(':')
  if (colon === -1) return pair
  return pair.slice(colon + 1) || pair.slice(0, colon)
}
