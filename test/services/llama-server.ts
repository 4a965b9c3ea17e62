import { spawn, execFile } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { join } from 'node:path'
import { promisify } from 'node:util'

export type RealLlamaServer = { readonly path: string } | { readonly skip: string }

/** Fetching takes some seconds; a mirror that hangs must not hang the tests. */
const fetchTimeoutMs = 110_000

/**
 * A real llama-server: the one that `LLMR_TEST_LLAMA_SERVER` names, or one that is fetched where that is allowed, or the
 * reason why there is none. With `LLMR_TEST_REQUIRE=all` a reason is not good enough and becomes an error.
 */
export async function realLlamaServer(): Promise<RealLlamaServer> {
  const named = process.env['LLMR_TEST_LLAMA_SERVER']
  if (named) return { path: named }
  try {
    const script = join(import.meta.dirname, 'llama-server.sh')
    const { stdout } = await promisify(execFile)('bash', [script], { timeout: fetchTimeoutMs })
    return { path: stdout.trim() }
  } catch (error) {
    if (process.env['LLMR_TEST_REQUIRE'] === 'all') throw error
    return { skip: reasonOf(error) }
  }
}

export interface RunningLlamaServer {
  readonly url: string
  readonly pid: number
  /** Ends the process and waits until it is gone. May be called twice. */
  close(): Promise<void>
}

/** A tiny model is loaded in a fraction of a second. */
const startTimeoutMs = 30_000

/** How many of the last lines of output an error shows. */
const linesKept = 20

/**
 * Starts a llama-server on a free port and waits until its model is loaded.
 *
 * @throws with the last lines of its output when it exits before that, or takes longer than 30 s.
 */
export async function startLlamaServer(path: string, flags: readonly string[]): Promise<RunningLlamaServer> {
  // More than one thread waits by spinning, which on a busy machine of two cores is slower by orders of magnitude.
  const child = spawn(path, ['--port', '0', '-t', '1', ...flags], { stdio: ['ignore', 'pipe', 'pipe'] })
  const close = async (): Promise<void> => {
    if (hasEnded(child)) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  try {
    return { url: await listeningAddress(child), pid: child.pid ?? -1, close }
  } catch (error) {
    await close()
    throw error
  }
}

/** It says where it listens once the model is loaded; its output is read to the end, or it would stop writing. */
function listeningAddress(child: ChildProcess): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const lines: string[] = []
  for (const output of [child.stdout, child.stderr]) {
    if (!output) continue
    createInterface(output).on('line', (line) => {
      lines.push(line)
      if (lines.length > linesKept) lines.shift()
      const [, url] = /listening on (http:\/\/\S+)/.exec(line) ?? []
      if (url !== undefined) resolve(url)
    })
  }
  const fail = (what: string): void => reject(new Error(`llama-server ${what}:\n${lines.join('\n')}`))
  const timer = setTimeout(() => fail(`was not ready after ${startTimeoutMs} ms`), startTimeoutMs)
  child.once('error', reject)
  child.once('exit', (code) => fail(`exited with ${code}`))
  return promise.finally(() => clearTimeout(timer))
}

function hasEnded(child: ChildProcess): boolean {
  return child.pid === undefined || child.exitCode !== null || child.signalCode !== null
}

function reasonOf(error: unknown): string {
  const stderr = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : ''
  return stderr.split('\n').at(-1) || String(error)
}
