import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { finished } from 'node:stream/promises'

import { CliError } from '../../../cli/cli-error.ts'

export interface LineSink {
  /** Resolves when there is room for more. @throws CliError `output_unwritable` */
  write(line: string): Promise<void>
  /** Waits until all of it is written. */
  close(): Promise<void>
}

/**
 * A file of its owner's alone, which must not be there yet, or stdout.
 *
 * @param onGone nobody reads stdout any more, as when `head` has enough
 */
export async function openLineSink(file: string | undefined, onGone: () => void): Promise<LineSink> {
  if (file === undefined) return stdoutSink(onGone)
  const stream = createWriteStream(file, { flags: 'wx', mode: 0o600 })
  let failure: unknown
  stream.on('error', (error) => {
    failure = error
  })
  await once(stream, 'open').catch((cause: unknown) => {
    throw unwritable(file, cause)
  })
  return {
    async write(line) {
      if (failure !== undefined) throw unwritable(file, failure)
      if (!stream.write(line))
        await once(stream, 'drain').catch((cause: unknown) => Promise.reject(unwritable(file, cause)))
    },
    async close() {
      if (failure !== undefined) return
      stream.end()
      await finished(stream)
    },
  }
}

function stdoutSink(onGone: () => void): LineSink {
  const { stdout } = process
  let isGone = false
  stdout.on('error', () => {
    isGone = true
    onGone()
  })
  return {
    async write(line) {
      if (isGone || stdout.write(line)) return
      // Rejects when nobody reads any more, which has been told.
      await once(stdout, 'drain').catch(() => undefined)
    },
    close: async () => undefined,
  }
}

function unwritable(file: string, cause: unknown): CliError {
  const isThere = cause instanceof Error && 'code' in cause && cause.code === 'EEXIST'
  return new CliError(isThere ? `${file} is there already.` : `${file} cannot be written.`, {
    code: 'output_unwritable',
    nextSteps: [
      isThere ? 'Name another file with --out: a recording does not replace one.' : 'Name another file with --out.',
    ],
    cause,
  })
}
