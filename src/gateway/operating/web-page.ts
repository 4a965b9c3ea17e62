import { LlmrError } from '../../core/error.ts'
import type { Exchange } from '../../http/exchange.ts'
import { pageFile } from '../../web/page-files.ts'

/** Nothing comes from elsewhere, nothing goes elsewhere, and no other page may show it in a frame. */
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"

const pageHeaders = Object.entries({
  'cache-control': 'no-cache',
  'content-security-policy': policy,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
}).flat()

/**
 * @param file its name, empty for the page itself; undefined for the page without the slash that its own addresses need
 * @throws LlmrError `route_not_found`
 */
export function answerWebPage(exchange: Exchange, file: string | undefined): void {
  if (file === undefined) return goTo(exchange, 'ui/')
  const found = pageFile(file)
  if (found === undefined) throw new LlmrError('route_not_found', `The page has no file ${file.slice(0, 100)}.`)
  const { contentType, body, etag } = found
  const isKnown = exchange.request.headers['if-none-match'] === etag
  const headers = ['content-type', contentType, 'etag', etag, ...pageHeaders]
  exchange.reply(isKnown ? 304 : 200, headers, isKnown ? Buffer.alloc(0) : body)
}

/** Relative, since whoever stands in front may have put a path before ours. */
export function goTo(exchange: Exchange, place: string): void {
  exchange.reply(302, ['location', place, 'cache-control', 'no-store'], Buffer.alloc(0))
}
