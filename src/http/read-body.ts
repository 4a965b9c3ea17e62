import type { IncomingMessage } from 'node:http'
import { promisify } from 'node:util'
import { brotliDecompress, gunzip, inflate, zstdDecompress } from 'node:zlib'

import { LlmrError } from '../core/error.ts'

export interface BodyLimits {
  readonly maxBytes: number
}

export interface BodyOptions extends BodyLimits {
  /** Called when nothing that was declared of the body speaks against it, before it is waited for. */
  readonly onWanted?: () => void
}

/**
 * Reads a request body to its end.
 *
 * @throws LlmrError `body_too_large` as soon as that is known, `invalid_request` when the client
 *   breaks off or the content encoding is not one of gzip, deflate, br and zstd
 */
export function readBody(request: IncomingMessage, options: BodyOptions): Promise<Buffer> {
  const { maxBytes, onWanted } = options
  const declared = Number(request.headers['content-length'] ?? 0)
  if (declared > maxBytes) return Promise.reject(tooLarge(options))
  onWanted?.()
  const body = collect(request, options)
  const encoding = request.headers['content-encoding']?.trim().toLowerCase() ?? 'identity'
  return encoding === 'identity' ? body : body.then((bytes) => decompress(bytes, encoding, options))
}

/** The time it may take is bounded by the server's own request time-out, which costs nothing per request. */
function collect(request: IncomingMessage, limits: BodyLimits): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let first: Buffer | undefined
    let more: Buffer[] | undefined
    let length = 0
    let isSettled = false
    const onData = (chunk: Buffer): void => {
      if (isSettled) return
      length += chunk.length
      if (length > limits.maxBytes) {
        isSettled = true
        request.pause()
        reject(tooLarge(limits))
      } else if (first === undefined) {
        first = chunk
      } else {
        ;(more ??= [first]).push(chunk)
      }
    }
    const onEnd = (): void => {
      isSettled = true
      resolve(more === undefined ? (first ?? noBytes) : Buffer.concat(more, length))
    }
    const onClose = (): void => {
      if (isSettled) return
      isSettled = true
      reject(new LlmrError('invalid_request', 'The connection closed before the whole request body had arrived.'))
    }
    // It may have closed while somebody made up their mind about the credentials; nothing more would be told.
    if (request.destroyed) onClose()
    else request.on('data', onData).on('end', onEnd).on('close', onClose)
  })
}

const noBytes = Buffer.alloc(0)

const decoders = {
  gzip: promisify(gunzip),
  'x-gzip': promisify(gunzip),
  deflate: promisify(inflate),
  br: promisify(brotliDecompress),
  zstd: promisify(zstdDecompress),
} as const

/** The limit holds for what comes out: a small body may unpack to gigabytes. */
async function decompress(body: Buffer, encoding: string, limits: BodyLimits): Promise<Buffer> {
  if (!Object.hasOwn(decoders, encoding)) {
    throw new LlmrError(
      'invalid_request',
      `Expected content-encoding gzip, deflate, br, zstd or none; this was "${encoding.slice(0, 40)}".`,
      { status: 415 },
    )
  }
  try {
    return await decoders[encoding as keyof typeof decoders](body, { maxOutputLength: limits.maxBytes })
  } catch (error) {
    const isTooLarge = error instanceof RangeError
    if (isTooLarge) throw tooLarge(limits)
    throw new LlmrError('invalid_request', `The request body is not valid ${encoding}.`, { cause: error })
  }
}

function tooLarge(limits: BodyLimits): LlmrError {
  const mebibytes = Math.round(limits.maxBytes / 1024 ** 2)
  return new LlmrError(
    'body_too_large',
    `The request body is larger than ${mebibytes} MiB, the limit set by listen.max_body.`,
    { isRetryable: false },
  )
}
