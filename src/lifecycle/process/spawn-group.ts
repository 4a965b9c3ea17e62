import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable } from 'node:stream'

export interface SpawnCommand {
  readonly argv: readonly [string, ...string[]]
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd?: string
}

export interface ProcessExit {
  /** `null` when a signal ended it. */
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** A process with a group of its own, of which it is the leader; the group's number is its pid. */
export interface SpawnedGroup {
  readonly pid: number
  /** Settles when the leader has ended and its last output has been read; others of the group may still run. */
  readonly exit: Promise<ProcessExit>
  /** Gives up its output, which a grandchild out of reach may hold open. May be called twice. */
  release(): void
}

/**
 * Starts a process group. Its input is empty; output goes to the listener as it comes, both streams alike, and is always
 * read to the end, or the process would stop writing.
 *
 * @throws the system's error when the program cannot be started: ENOENT, EACCES.
 */
export async function spawnGroup(
  { argv: [program, ...args], env, cwd }: SpawnCommand,
  onOutput: (chunk: Buffer, stream: 'stdout' | 'stderr') => void,
): Promise<SpawnedGroup> {
  const child = spawn(program, args, {
    detached: true,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(cwd !== undefined && { cwd }),
  })
  const { stdout, stderr } = child
  stdout.on('data', (chunk: Buffer) => onOutput(chunk, 'stdout')).on('error', () => undefined)
  stderr.on('data', (chunk: Buffer) => onOutput(chunk, 'stderr')).on('error', () => undefined)
  const exit = new Promise<ProcessExit>((resolve) => {
    child.once('exit', (code, signal) => {
      void outputRead([stdout, stderr]).then(() => resolve({ code, signal }))
    })
  })
  await once(child, 'spawn')
  // Later errors are about signals that could not be sent, which the group's own check finds out.
  child.on('error', () => undefined)
  return {
    pid: child.pid ?? -1,
    exit,
    release: () => {
      stdout.destroy()
      stderr.destroy()
    },
  }
}

/** A grandchild may hold the pipes open for ever: what the leader wrote has arrived long before this. */
const outputWaitMs = 250

function outputRead(streams: readonly Readable[]): Promise<unknown> {
  const closed = streams.filter((stream) => !stream.closed).map((stream) => once(stream, 'close'))
  const { promise: late, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, outputWaitMs)
  return Promise.race([Promise.all(closed), late]).finally(() => clearTimeout(timer))
}
