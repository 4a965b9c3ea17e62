/** Where a plain form field stands in a multipart body: its value, and the bytes that are the value. */
export interface MultipartField {
  readonly value: string
  readonly start: number
  readonly end: number
}

/** A field longer than this is a file, whatever it is called. */
const valueMaxBytes = 1024
const partHeadersMaxBytes = 4096

/**
 * Finds one small field without touching the rest: audio and images may be megabytes, and reach the engine as they came.
 */
export function findMultipartField(body: Buffer, contentType: string, name: string): MultipartField | undefined {
  const boundary = /boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(contentType)
  const marker = boundary?.[1] ?? boundary?.[2]
  if (marker === undefined) return undefined
  const delimiter = Buffer.from(`--${marker}`, 'latin1')

  let at = body.indexOf(delimiter)
  while (at !== -1) {
    const headersAt = at + delimiter.length
    const headersEnd = body.indexOf('\r\n\r\n', headersAt)
    if (headersEnd === -1) return undefined
    const next = body.indexOf(delimiter, headersEnd)
    if (headersEnd - headersAt <= partHeadersMaxBytes) {
      const headers = body.toString('latin1', headersAt, headersEnd)
      const start = headersEnd + 4
      const end = next === -1 ? body.length : next - 2
      if (isField(headers, name) && end >= start && end - start <= valueMaxBytes) {
        return { value: body.toString('utf8', start, end), start, end }
      }
    }
    at = next
  }
  return undefined
}

function isField(headers: string, name: string): boolean {
  const disposition = /content-disposition:[^\r\n]*/i.exec(headers)?.[0] ?? ''
  const found = /;\s*name="?([^";]+)"?/i.exec(disposition)?.[1]
  return found === name && !/;\s*filename\*?=/i.test(disposition)
}
