import type { Connection } from '../../backends/connection.ts'
import { call, expectJson } from '../../backends/call.ts'
import { flagAt } from '../../core/foreign-json.ts'

export interface SleepCall {
  readonly connection: Connection
  /** 1: weights go to the machine's memory. 2: they are dropped, and read again on waking. */
  readonly level: 1 | 2
  readonly signal: AbortSignal
}

/**
 * Puts a vLLM to sleep that runs with `--enable-sleep-mode` and `VLLM_SERVER_DEV_MODE=1`. Nothing may run on it: requests
 * at work would be cut off. It answers once the memory is free, but for what any process on a GPU keeps. The level goes
 * into the query, which is the only place where the server looks for it.
 *
 * @throws BackendFailure, or an error when it says that it is awake all the same.
 */
export async function fallAsleep({ connection, level, signal }: SleepCall): Promise<void> {
  await post({ connection, path: `/sleep?level=${level}`, signal })
  if (!(await isSleeping({ connection, signal }))) {
    throw new Error('the engine was told to sleep and says that it is awake')
  }
}

/** Wakes it. After level 2 the weights are read before the cache gets its memory, or both would not fit at once. */
export async function wakeUp({ connection, level, signal }: SleepCall): Promise<void> {
  if (level === 1) {
    await post({ connection, path: '/wake_up', signal })
    return
  }
  await post({ connection, path: '/wake_up?tags=weights', signal })
  await post({ connection, path: '/collective_rpc', json: { method: 'reload_weights' }, signal })
  await post({ connection, path: '/wake_up?tags=kv_cache', signal })
}

async function isSleeping({ connection, signal }: Omit<SleepCall, 'level'>): Promise<boolean> {
  const reply = await call(connection, { method: 'GET', path: '/is_sleeping', signal })
  return flagAt(expectJson(connection, reply), 'is_sleeping') ?? false
}

interface Post {
  readonly connection: Connection
  readonly path: string
  readonly json?: unknown
  readonly signal: AbortSignal
}

/** Its answers are empty: only a refusal says something. */
async function post({ connection, path, json, signal }: Post): Promise<void> {
  const reply = await call(connection, { method: 'POST', path, signal, ...(json !== undefined && { json }) })
  if (reply.status >= 300) expectJson(connection, reply)
}
