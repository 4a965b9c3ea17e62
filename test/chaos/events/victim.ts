import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'

export interface VictimOptions {
  readonly name: string
  readonly command: readonly [string, ...string[]]
  readonly env?: Readonly<Record<string, string>>
  /** What it says goes to the end of this file. */
  readonly logFile: string
  /** Whether it answers; may reject. */
  readonly isReady: () => Promise<boolean>
}

const readyTimeoutMs = 60_000
const endTimeoutMs = 20_000
const pollMs = 25

/** A program that is killed, stopped and started again, always on the same data and the same port. */
export class Victim {
  readonly name: string
  kills = 0
  readonly #options: VictimOptions
  #child: ChildProcess | undefined
  #exited: Promise<unknown> = Promise.resolve()

  constructor(options: VictimOptions) {
    this.name = options.name
    this.#options = options
  }

  /**
   * Resolves when it answers. One that ends before that is started again: a server may have to wait for what is left of
   * the one before it.
   *
   * @throws when it does not answer within a minute
   */
  async start(): Promise<void> {
    const untilMs = performance.now() + readyTimeoutMs
    this.#spawn()
    while (!(await this.#options.isReady().catch(() => false))) {
      if (performance.now() > untilMs) throw new Error(`${this.name} does not answer: see ${this.#options.logFile}`)
      await delay(pollMs)
      if (!this.#isRunning) this.#spawn()
    }
  }

  /** With no warning, and all its children. */
  async kill(): Promise<void> {
    this.kills += 1
    this.#signal('SIGKILL')
    await this.#exited
  }

  /** It hangs: nothing is answered, and nothing is closed. */
  pause(): void {
    this.#signal('SIGSTOP')
  }

  resume(): void {
    this.#signal('SIGCONT')
  }

  /** In good order if it can. May be called twice. */
  async close(): Promise<void> {
    this.resume()
    this.#child?.kill('SIGTERM')
    const timer = setTimeout(() => this.#signal('SIGKILL'), endTimeoutMs)
    await this.#exited
    clearTimeout(timer)
  }

  #spawn(): void {
    const { command, env, logFile } = this.#options
    const [program, ...args] = command
    const log = openSync(logFile, 'a')
    const child = spawn(program, args, {
      env: { ...process.env, ...env },
      stdio: ['ignore', log, log],
      // A group of its own, so that a signal reaches all of it.
      detached: true,
    })
    closeSync(log)
    this.#child = child
    this.#exited = once(child, 'exit')
  }

  get #isRunning(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null
  }

  #signal(signal: NodeJS.Signals): void {
    const pid = this.#child?.pid
    if (!this.#isRunning || pid === undefined) return
    try {
      process.kill(-pid, signal)
    } catch {
      // It has ended meanwhile.
    }
  }
}
