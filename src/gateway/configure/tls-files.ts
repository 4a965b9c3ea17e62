import { readFileSync } from 'node:fs'

import type { Config } from '../../config/schema.ts'
import { LlmrError } from '../../core/error.ts'

/** @throws LlmrError that names the file which cannot be read */
export function readTlsFiles({ listen }: Config): { cert: Buffer; key: Buffer } | undefined {
  if (listen.tls === undefined) return undefined
  return { cert: read('listen.tls.cert', listen.tls.cert), key: read('listen.tls.key', listen.tls.key) }
}

function read(setting: string, file: string): Buffer {
  try {
    return readFileSync(file)
  } catch (cause) {
    throw new LlmrError(
      'invalid_request',
      `${setting} names ${file}, which cannot be read. Give the path of a PEM file.`,
      {
        cause,
      },
    )
  }
}
