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

/**
 * What an `Accept` header asks for, if that is not JSON. The order counts and not the weights: browsers name HTML first,
 * programs JSON or nothing.
 */
export function preferredErrorShape(accept: string | undefined): ErrorShape | undefined {
  if (accept === undefined) return undefined
  for (const range of accept.slice(0, 500).split(',')) {
    switch (range.split(';', 1)[0]?.trim().toLowerCase()) {
      case 'text/html':
      case 'application/xhtml+xml':
        return html
      case 'text/plain':
        return text
      case 'application/json':
      case 'text/event-stream':
      case 'application/*':
      case '*/*':
        return undefined
    }
  }
  return undefined
}

function escape(raw: string): string {
  return raw.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}
