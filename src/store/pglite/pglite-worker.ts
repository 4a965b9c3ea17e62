import { workerData, parentPort } from 'node:worker_threads'

import { PGlite } from '@electric-sql/pglite'
import { vector } from '@electric-sql/pglite-pgvector'

import { StoreError } from '../store-error.ts'
import { lockFolder } from './folder-lock.ts'
import { makeStoreFolder, preparePgliteFolder } from './pglite-folder.ts'
import type { FromWorker, ToWorker, WorkerInput } from './worker-messages.ts'

/**
 * The thread in which the embedded database runs: a query keeps its whole thread busy until it is done, and replies of
 * the gateway must not wait for that. It works through its messages one after the other.
 */
async function main({ folder }: WorkerInput, port: NonNullable<typeof parentPort>): Promise<void> {
  const send = (message: FromWorker): void => port.postMessage(message)
  try {
    makeStoreFolder(folder)
    const lock = lockFolder(folder, Date.now())
    const database = await open(folder).catch((error: unknown) => {
      lock.release()
      throw error
    })
    let work = Promise.resolve()
    port.on('message', (message: ToWorker) => {
      work = work.then(async () => {
        if (message.type === 'exchange') return send(await answer(database, message))
        await database.close()
        lock.release()
        port.close()
      })
    })
    send({ type: 'opened', version: await versionOf(database) })
  } catch (error) {
    send({ type: 'not-opened', ...describeStart(error, folder) })
    port.close()
  }
}

async function open(folder: string): Promise<PGlite> {
  const place = await preparePgliteFolder(folder, async (newPlace) => {
    const made = await PGlite.create({ dataDir: newPlace, extensions: { vector } })
    await made.close()
  })
  return PGlite.create({ dataDir: place, extensions: { vector } })
}

async function versionOf(database: PGlite): Promise<string> {
  const { rows } = await database.query<{ server_version: string }>('show server_version')
  return rows[0]?.server_version ?? ''
}

type Exchange = Extract<ToWorker, { type: 'exchange' }>

async function answer(database: PGlite, { id, bytes }: Exchange): Promise<FromWorker> {
  try {
    return { type: 'answer', id, bytes: await database.execProtocolRaw(bytes) }
  } catch (error) {
    return { type: 'error', id, message: error instanceof Error ? error.message : String(error) }
  }
}

function describeStart(error: unknown, folder: string): Pick<StoreError, 'code' | 'message'> {
  if (error instanceof StoreError) return { code: error.code, message: error.message }
  const reason = error instanceof Error ? error.message : String(error)
  return {
    code: 'store_folder_unusable',
    message: `The embedded database in ${folder} does not open (${reason}). Restore a backup into another data folder.`,
  }
}

if (parentPort) await main(workerData as WorkerInput, parentPort)
