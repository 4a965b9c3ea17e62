import { STATUS_CODES } from 'node:http'

import type { LlmrError } from '../core/error.ts'

/** For people who look with a browser or a terminal; everybody else gets the dialect's own shape. */
export interface ErrorShape {
  readonly contentType: string
  write(error: LlmrError): string
}

const html: ErrorShape = {
  contentType: 'text/html; charset=utf-8',
  write: ({ status, code, message }) => {
    const title = escape(`${status} ${STATUS_CODES[status] ?? ''}`.trim())
    return `<!doctype html><meta charset="utf-8"><title>${title}</title><h1>${title}</h1><p>${escape(message)}</p><p><code>${code}</code></p>\n`
  },
}

const text: ErrorShape = {
  contentType: 'text/plain; charset=utf-8',
  write: ({ status, code, message }) => `${status} ${code}: ${message}\n`,
}

/** Kinds of content that decide; those that programs name keep the dialect's own shape. */
const shapes: ReadonlyMap<string, ErrorShape | undefined> = new Map([
  ['text/html', html],
  ['application/xhtml+xml', html],
  ['text/plain', text],
  ['application/json', undefined],
  ['application/*', undefined],
  ['text/event-stream', undefined],
  ['*/*', undefined],
])

/**
 * What an `Accept` header asks for, if that is not JSON. The order counts and not the weights: browsers name HTML first,
 * programs JSON or nothing.
 */
export function preferredErrorShape(accept: string | undefined): ErrorShape | undefined {
  if (accept === undefined) return undefined
  const names = accept
    .slice(0, 500)
    .split(',')
    .map((range) => range.replace(/;.*/, '').trim().toLowerCase())
  return shapes.get(names.find((name) => shapes.has(name)) ?? '')
}

function escape(raw: string): string {
  return raw.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}
