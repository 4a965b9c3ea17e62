import { spawn, execFile } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { createInterface } from 'node:readline'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { listen } from '../support/listen.ts'

export interface RunningService {
  readonly port: number
  readonly stop: () => Promise<void>
}

/** Fetching takes ten seconds; a mirror that hangs must not hang the tests. */
const fetchTimeoutMs = 110_000

const startTimeoutMs = 60_000

/**
 * Fetches a server by its script here, where that is allowed, and starts it on a free port; or says why it cannot. With
 * `LLMR_TEST_REQUIRE=all` a reason is not good enough and becomes an error.
 */
export async function startService(script: string): Promise<RunningService | { readonly skip: string }> {
  try {
    const path = join(import.meta.dirname, script)
    const { stdout } = await promisify(execFile)('bash', [path, 'fetch'], { timeout: fetchTimeoutMs })
    return await runScript(path, stdout.trim())
  } catch (error) {
    if (process.env['LLMR_TEST_REQUIRE'] === 'all') throw error
    const stderr = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : ''
    return { skip: stderr.split('\n').at(-1) || String(error) }
  }
}

async function runScript(script: string, folder: string): Promise<RunningService> {
  const { port, close } = await listen(createServer())
  await close()
  const child = spawn('bash', [script, 'run', folder, String(port)], { stdio: ['pipe', 'pipe', 'ignore'] })
  const ended = once(child, 'exit')
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  createInterface(child.stdout).on('line', (line) => line === 'ready' && resolve())
  const timer = setTimeout(
    () => reject(new Error(`${script} was not ready after ${startTimeoutMs} ms`)),
    startTimeoutMs,
  )
  child.once('exit', (code) => reject(new Error(`${script} ended with ${code} before it was ready`)))
  child.once('error', reject)
  try {
    await promise
  } finally {
    clearTimeout(timer)
  }
  const stop = async (): Promise<void> => {
    child.stdin.end()
    await ended
  }
  return { port, stop }
}
