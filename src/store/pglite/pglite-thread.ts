import { Worker } from 'node:worker_threads'

import { programFile } from '../../core/package-root.ts'
import { StoreError } from '../store-error.ts'
import type { FromWorker, ToWorker, WorkerInput } from './worker-messages.ts'

/** Making a new database takes five seconds on a slow machine, a minute on one that also swaps. */
const openTimeoutMs = 120_000

interface Call {
  readonly resolve: (bytes: Uint8Array) => void
  readonly reject: (error: unknown) => void
}

/** The embedded database as seen from the gateway's thread: messages there and back, answered in order. */
export class PgliteThread {
  readonly #worker: Worker
  readonly #calls = new Map<number, Call>()
  readonly #ended = Promise.withResolvers<void>()
  #lastId = 0
  #state: 'open' | 'closing' | 'ended' = 'open'

  private constructor(worker: Worker) {
    this.#worker = worker
    worker.on('message', (message: FromWorker) => this.#receive(message))
    worker.on('error', (cause) => this.#end(cause))
    worker.on('exit', () => this.#end(undefined))
  }

  /** Locks the folder and opens the database in it; makes both when they are not there. @throws StoreError */
  static async open(folder: string): Promise<{ readonly thread: PgliteThread; readonly version: string }> {
    const workerData: WorkerInput = { folder }
    const worker = new Worker(programFile('src/store/pglite/pglite-worker'), {
      workerData,
      execArgv: ['--disable-warning=ExperimentalWarning'], // of node:sqlite, on Node 22
    })
    const version = await whenOpened(worker, folder)
    return { thread: new PgliteThread(worker), version }
  }

  get isClosed(): boolean {
    return this.#state !== 'open'
  }

  /** Some bytes of PostgreSQL's protocol, and those that answer them. @throws StoreError `store_closed` */
  exchange(bytes: Uint8Array): Promise<Uint8Array> {
    if (this.#state !== 'open') return Promise.reject(closedError())
    this.#lastId += 1
    const id = this.#lastId
    return new Promise((resolve, reject) => {
      this.#calls.set(id, { resolve, reject })
      this.#post({ type: 'exchange', id, bytes })
    })
  }

  /** After the calls in hand, or by force when the time is over: the data survives that, as it does kill -9. */
  async close(timeoutMs: number): Promise<void> {
    if (this.#state === 'open') {
      this.#state = 'closing'
      this.#post({ type: 'close' })
    }
    const force = setTimeout(() => void this.#worker.terminate(), timeoutMs)
    await this.#ended.promise
    clearTimeout(force)
  }

  #post(message: ToWorker): void {
    this.#worker.postMessage(message)
  }

  #receive(message: FromWorker): void {
    if (message.type !== 'answer' && message.type !== 'error') return
    const call = this.#calls.get(message.id)
    this.#calls.delete(message.id)
    if (message.type === 'answer') call?.resolve(message.bytes)
    else call?.reject(new Error(message.message))
  }

  #end(cause: unknown): void {
    this.#state = 'ended'
    for (const { reject } of this.#calls.values()) reject(closedError(cause))
    this.#calls.clear()
    this.#ended.resolve()
  }
}

export function closedError(cause?: unknown): StoreError {
  return new StoreError('store_closed', 'The embedded database is closed.', { cause })
}

async function whenOpened(worker: Worker, folder: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const fail = (why: string, cause?: unknown): void =>
    reject(new StoreError('store_folder_unusable', `The embedded database in ${folder} ${why}.`, { cause }))
  const onMessage = (message: FromWorker): void => {
    if (message.type === 'opened') resolve(message.version)
    if (message.type === 'not-opened') reject(new StoreError(message.code, message.message))
  }
  const onError = (cause: unknown): void => fail('ended while it was opened', cause)
  const onExit = (): void => fail('ended while it was opened')
  const timer = setTimeout(() => fail(`was not open after ${openTimeoutMs} ms`), openTimeoutMs)
  worker.on('message', onMessage).on('error', onError).on('exit', onExit)
  try {
    return await promise
  } catch (error) {
    await worker.terminate()
    throw error
  } finally {
    clearTimeout(timer)
    worker.off('message', onMessage).off('error', onError).off('exit', onExit)
  }
}
