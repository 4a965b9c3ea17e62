import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'

import type { Answer, Call } from './program-channel.ts'

/** A child process that answers calls. */
export interface Program {
  readonly pid: number
  /** @throws Error when the program fails, ends, or has not answered after `timeoutMs`. */
  call<Result>(name: string, argument?: unknown, timeoutMs?: number): Promise<Result>
  /** SIGTERM, and SIGKILL after ten seconds. May be called twice. */
  close(): Promise<void>
}

export interface ProgramOptions {
  readonly file: string
  readonly arguments?: readonly string[]
  /** For Node itself. */
  readonly flags?: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
}

const callTimeoutMs = 60_000
const killAfterMs = 10_000
const errorsLengthMax = 4000

export function startProgram(options: ProgramOptions): Program {
  const child = fork(options.file, options.arguments ?? [], {
    execArgv: [...(options.flags ?? [])],
    env: { ...process.env, ...options.environment },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  const calls = new PendingCalls(child, options.file)
  let closing: Promise<void> | undefined
  return {
    pid: child.pid ?? 0,
    call: (name, argument, timeoutMs = callTimeoutMs) => calls.call(name, argument, timeoutMs),
    close: () => (closing ??= endProcess(child)),
  }
}

class PendingCalls {
  readonly #child: ChildProcess
  readonly #file: string
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>()
  #errors = ''
  #nextId = 0

  constructor(child: ChildProcess, file: string) {
    this.#child = child
    this.#file = file
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#errors = (this.#errors + text).slice(-errorsLengthMax)
    })
    child.on('message', (answer: Answer) => this.#settle(answer))
    child.on('error', (error) => this.#failAll(error.message))
    child.on('close', (code, signal) => this.#failAll(`it ended with ${code ?? signal}`))
  }

  async call<Result>(name: string, argument: unknown, timeoutMs: number): Promise<Result> {
    const id = this.#nextId++
    const waiter = Promise.withResolvers<unknown>()
    this.#waiting.set(id, waiter)
    const timer = setTimeout(() => this.#fail(id, `no answer to "${name}" within ${timeoutMs} ms`), timeoutMs)
    try {
      if (this.#child.exitCode !== null || !this.#child.connected) this.#fail(id, 'it is not running')
      else this.#child.send({ id, name, argument } satisfies Call)
      return (await waiter.promise) as Result
    } finally {
      clearTimeout(timer)
      this.#waiting.delete(id)
    }
  }

  #settle(answer: Answer): void {
    if ('error' in answer) this.#fail(answer.id, answer.error)
    else this.#waiting.get(answer.id)?.resolve(answer.result)
  }

  #failAll(reason: string): void {
    for (const id of this.#waiting.keys()) this.#fail(id, reason)
  }

  #fail(id: number, reason: string): void {
    const words = this.#errors === '' ? '' : `\nIts last words:\n${this.#errors}`
    this.#waiting.get(id)?.reject(new Error(`${this.#file}: ${reason}.${words}`))
  }
}

async function endProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  const killer = setTimeout(() => child.kill('SIGKILL'), killAfterMs)
  child.kill('SIGTERM')
  await ended
  clearTimeout(killer)
}
