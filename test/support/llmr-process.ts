import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

const program = join(import.meta.dirname, '../../bin/run.cjs')

export interface LlmrProcess {
  readonly url: string
  readonly process: ChildProcess
  /** Everything said to people so far. */
  readonly stderr: () => string
  /** The log so far. */
  readonly stdout: () => string
  /** Resolves when a log line, past or future, holds this text, or so many of them do. */
  readonly logged: (text: string, times?: number) => Promise<void>
  /** Asks it to end and resolves with its exit code. */
  readonly close: () => Promise<number | null>
}

/** `llmr serve` as a process of its own, on a free port, with a data folder of its own; resolves when it answers. */
export async function startLlmr(options: {
  args?: readonly string[]
  dataDirectory: string
  env?: NodeJS.ProcessEnv
}): Promise<LlmrProcess> {
  const { dataDirectory, env, args = [] } = options
  return runProgram({
    args: ['serve', '--port', '0', '--data', dataDirectory, ...args],
    cwd: dataDirectory,
    env,
    url: ({ stderr }) => (/Try it/.test(stderr) ? /listens on (\S+)/.exec(stderr)?.[1] : undefined),
  })
}

/** `llmr worker NAME` likewise; resolves when its pages can be read. It logs as JSON to stdout. */
export async function startWorkerProcess(
  name: string,
  options: { args?: readonly string[]; env: NodeJS.ProcessEnv },
): Promise<LlmrProcess> {
  return runProgram({
    args: ['worker', name, '--port', '0', ...(options.args ?? [])],
    cwd: '/',
    env: options.env,
    url: ({ stdout }) => /"url":"(http[^"]+)","msg":"health and metrics/.exec(stdout)?.[1],
  })
}

async function runProgram(options: {
  readonly args: readonly string[]
  readonly cwd: string
  readonly env?: NodeJS.ProcessEnv
  /** Where it answers, by what it has said so far. */
  readonly url: (said: { readonly stderr: string; readonly stdout: string }) => string | undefined
}): Promise<LlmrProcess> {
  const child = spawn(process.execPath, [program, ...options.args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: options.cwd,
    env: options.env ?? process.env,
  })
  const exited = once(child, 'exit') as Promise<[number | null]>
  let stderr = ''
  let stdout = ''
  const listeners = new Set<() => void>()
  const until = (isReached: () => boolean): Promise<void> =>
    new Promise((resolve, reject) => {
      const check = (): void => {
        if (!isReached()) return
        listeners.delete(check)
        resolve()
      }
      listeners.add(check)
      check()
      exited.then(() => reject(new Error(`llmr ended early: ${stderr}${stdout}`)), reject)
    })
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString()
    for (const listener of listeners) listener()
  })
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString()
    for (const listener of listeners) listener()
  })
  await until(() => options.url({ stderr, stdout }) !== undefined)
  return {
    url: options.url({ stderr, stdout }) ?? '',
    process: child,
    stderr: () => stderr,
    stdout: () => stdout,
    logged: (text, times = 1) => until(() => stdout.split(text).length > times),
    close: async () => {
      child.kill('SIGTERM')
      const [code] = await exited
      return code
    },
  }
}
