import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { startSimulatedEngine } from '../../../src/sim/simulated-engine.ts'
import { realLlamaServer, startLlamaServer } from '../../services/llama-server.ts'
import { tinyGguf } from '../../services/tiny-gguf.ts'

/** Three servers of one make, since one process serves one model. */
export interface Subject {
  /** Chat: two slots of 2,048 tokens, with metrics and a folder for slots; neither embeds nor reranks. */
  readonly chat: string
  readonly embedding: string
  readonly reranker: string
  close(): Promise<void>
}

export interface SubjectKind {
  readonly name: string
  readonly isAvailable: boolean
  /** @param folder an empty one, for models and saved slots. */
  readonly start: (folder: string) => Promise<Subject>
}

const modelName = 'contract'

/** Both makes of engine that the contract is held against. */
export async function subjectKinds(): Promise<readonly SubjectKind[]> {
  const real = await realLlamaServer()
  return [
    { name: 'the simulated engine', isAvailable: true, start: startSimulated },
    'path' in real
      ? { name: 'a real llama-server', isAvailable: true, start: (folder) => startReal(real.path, folder) }
      : { name: `a real llama-server (${real.skip})`, isAvailable: false, start: startSimulated },
  ]
}

async function startSimulated(folder: string): Promise<Subject> {
  const common = { model: modelName, slots: 2, contextLength: 2048 }
  const engines = await Promise.all([
    startSimulatedEngine({ ...common, slotSavePath: folder }),
    startSimulatedEngine({ ...common, embeddings: true }),
    startSimulatedEngine({ ...common, reranking: true }),
  ])
  return subjectOf(engines)
}

async function startReal(path: string, folder: string): Promise<Subject> {
  const common = ['--alias', modelName, '-np', '2', '-c', '4096']
  const start = async (name: string, pooling: 'none' | 'mean' | 'rank', flags: readonly string[]) => {
    const file = join(folder, `${name}.gguf`)
    await writeFile(file, tinyGguf({ name, pooling }))
    return startLlamaServer(path, ['-m', file, ...common, ...flags])
  }
  const servers = await allOrNone([
    start('chat', 'none', ['--metrics', '--slots', '--slot-save-path', `${folder}/`]),
    start('embedding', 'mean', ['--embeddings']),
    start('reranker', 'rank', ['--reranking']),
  ])
  return subjectOf(servers)
}

interface Server {
  readonly url: string
  close(): Promise<void>
}

/** Like `Promise.all`, but servers that did start are ended when another did not. */
async function allOrNone<Servers extends readonly Server[]>(starting: {
  readonly [Index in keyof Servers]: Promise<Servers[Index]>
}): Promise<Servers> {
  try {
    return await Promise.all(starting)
  } catch (error) {
    for (const result of await Promise.allSettled(starting)) {
      if (result.status === 'fulfilled') await result.value.close()
    }
    throw error
  }
}

function subjectOf([chat, embedding, reranker]: readonly [Server, Server, Server]): Subject {
  return {
    chat: chat.url,
    embedding: embedding.url,
    reranker: reranker.url,
    close: async () => {
      await Promise.all([chat.close(), embedding.close(), reranker.close()])
    },
  }
}
