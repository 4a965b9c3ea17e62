import type { UpstreamHeaders } from '../../backends/upstream-handler.ts'

/** What of a backend's headers is the client's business; cookies, CORS and hop-by-hop headers are not. */
const passed = ['content-type', 'content-length', 'content-disposition'] as const

/** Names and values in turn. */
export function passedHeaders(headers: UpstreamHeaders): string[] {
  return passed.flatMap((name) => {
    const value = headers[name]
    return value === undefined ? [] : [name, headerText(value)]
  })
}

export function headerText(value: string | string[] | undefined): string {
  return (Array.isArray(value) ? value[0] : value) ?? ''
}
