import { execFile } from 'node:child_process'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { listen } from '../support/listen.ts'

const run = promisify(execFile)

/** A server whose data outlives it, so that it can be killed and started again. */
export interface KeptService {
  readonly port: number
  /** What is to be run, in the foreground and as one process group. */
  readonly command: readonly [string, ...string[]]
  /** Takes its data away, once it has ended. */
  remove(): Promise<void>
}

/**
 * Fetches a server by its script here, where that is allowed.
 *
 * @throws when it may not, or cannot be
 */
export async function keptService(script: string): Promise<KeptService> {
  const path = join(import.meta.dirname, script)
  const { stdout } = await run('bash', [path, 'fetch'], { timeout: 110_000 })
  const { port, close } = await listen(createServer())
  await close()
  const name = `kept-${port}-${process.pid}`
  return {
    port,
    command: ['bash', path, 'keep', stdout.trim(), String(port), name],
    async remove() {
      await run('bash', [path, 'remove', name])
    },
  }
}
