/** One HTTP/1.1 reply as it stood on the wire. */
export interface HttpReply {
  readonly status: number
  /** Names in lower case; of a repeated header the last counts. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
  /** False: the connection ended inside it. */
  readonly isWhole: boolean
}

export interface ParsedReply {
  readonly reply: HttpReply
  /** Bytes that follow it. */
  readonly rest: Buffer
}

interface Circumstances {
  /** No more bytes will come. */
  readonly isClosed: boolean
  /** Of the request: a reply to HEAD has no body. */
  readonly method: string
}

/**
 * Reads the reply that stands at the front of these bytes. Stricter than any client: whatever is not in RFC 9112 throws.
 *
 * @returns undefined as long as it is not whole and more may come
 */
export function parseHttpReply(bytes: Buffer, circumstances: Circumstances): ParsedReply | undefined {
  const headEnd = bytes.indexOf('\r\n\r\n')
  if (headEnd === -1) {
    if (circumstances.isClosed && bytes.length > 0) throw new Error(`a reply without an end of headers: ${show(bytes)}`)
    return undefined
  }
  const [statusLine = '', ...lines] = bytes.toString('latin1', 0, headEnd).split('\r\n')
  const status = Number(/^HTTP\/1\.1 ([1-5]\d\d) [\x20-\x7e]*$/.exec(statusLine)?.[1])
  if (Number.isNaN(status)) throw new Error(`not a status line: ${show(Buffer.from(statusLine))}`)
  const headers = parseHeaders(lines)
  const body = readBody(bytes.subarray(headEnd + 4), { ...circumstances, status, headers })
  if (body === undefined) return undefined
  return { reply: { status, headers, body: body.bytes, isWhole: body.isWhole }, rest: body.rest }
}

function parseHeaders(lines: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const line of lines) {
    const [, name, value = ''] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\t\x20-\x7e\x80-\xff]*)$/.exec(line) ?? []
    if (name === undefined) throw new Error(`not a header: ${show(Buffer.from(line))}`)
    const key = name.toLowerCase()
    if (key === 'content-length' && headers[key] !== undefined) throw new Error('content-length stands there twice')
    headers[key] = value
  }
  return headers
}

interface Body {
  readonly bytes: Buffer
  readonly rest: Buffer
  readonly isWhole: boolean
}

interface Framing extends Circumstances {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
}

const nothing = Buffer.alloc(0)

function readBody(bytes: Buffer, { isClosed, method, status, headers }: Framing): Body | undefined {
  const length = headers['content-length']
  const coding = headers['transfer-encoding']
  if (length !== undefined && coding !== undefined) throw new Error('both a length and a transfer encoding')
  if (method === 'HEAD' || status < 200 || status === 204 || status === 304) {
    return { bytes: nothing, rest: bytes, isWhole: true }
  }
  if (coding === 'chunked') return readChunks(bytes, isClosed)
  if (coding !== undefined) throw new Error(`unknown transfer encoding ${coding}`)
  if (length === undefined) return isClosed ? { bytes, rest: nothing, isWhole: true } : undefined
  if (!/^\d+$/.test(length)) throw new Error(`not a length: ${length}`)
  const end = Number(length)
  if (bytes.length >= end) return { bytes: bytes.subarray(0, end), rest: bytes.subarray(end), isWhole: true }
  return isClosed ? { bytes, rest: nothing, isWhole: false } : undefined
}

function readChunks(bytes: Buffer, isClosed: boolean): Body | undefined {
  const chunks: Buffer[] = []
  let at = 0
  for (;;) {
    const lineEnd = bytes.indexOf('\r\n', at)
    if (lineEnd === -1) break
    const size = bytes.toString('latin1', at, lineEnd)
    if (!/^[0-9a-f]+$/i.test(size)) throw new Error(`not the size of a chunk: ${show(Buffer.from(size))}`)
    const start = lineEnd + 2
    const end = start + Number.parseInt(size, 16)
    if (bytes.length < end + 2) break
    if (bytes.toString('latin1', end, end + 2) !== '\r\n') throw new Error('a chunk is longer than it says')
    if (end === start) return { bytes: Buffer.concat(chunks), rest: bytes.subarray(end + 2), isWhole: true }
    chunks.push(bytes.subarray(start, end))
    at = end + 2
  }
  return isClosed ? { bytes: Buffer.concat(chunks), rest: nothing, isWhole: false } : undefined
}

function show(bytes: Buffer): string {
  return JSON.stringify(bytes.toString('latin1', 0, 200))
}
