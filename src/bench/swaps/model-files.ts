import { stat } from 'node:fs/promises'

import { cachedShare } from '../../lifecycle/page-cache/cached-share.ts'
import { prefetchFile } from '../../lifecycle/page-cache/prefetch-file.ts'
import { runProgram } from '../../lifecycle/memory/run-program.ts'

/** The files that loading one model reads. */
export interface ModelFiles {
  readonly files: readonly string[]
  readonly bytes: number
}

export async function sizeFiles(files: readonly string[]): Promise<ModelFiles> {
  const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size))
  return { files, bytes: sizes.reduce((sum, size) => sum + size, 0) }
}

/**
 * Has files in the page cache, or out of it, as far as the kernel goes along: what other programs have mapped stays. Says
 * what share is in it then; `undefined` where nothing can tell.
 */
export async function arrangeCache(
  { files }: ModelFiles,
  want: 'cold' | 'warm',
  signal: AbortSignal,
): Promise<number | undefined> {
  for (const file of files) {
    if (want === 'warm') await prefetchFile({ path: file, signal })
    // Opened to be read and never to be written, since it is somebody's model: the kernel is only told to let go of it.
    else await runProgram(['dd', `if=${file}`, 'iflag=nocache', 'count=0', 'status=none'])
  }
  return cachedShare(files)
}

/** Reading rates in bytes a second; absent where there is nothing to read. */
export interface ReadCeiling {
  readonly diskRate?: number
  readonly cacheRate?: number
}

/** Longest that a file is read for to measure the disk, milliseconds. */
const readForMs = 4_000

/** How fast this machine reads a file as large as a model: from the disk, and again from the page cache. */
export async function measureCeiling(model: ModelFiles, signal: AbortSignal): Promise<ReadCeiling> {
  const [file] = model.files
  if (file === undefined) return {}
  const share = await arrangeCache({ files: [file], bytes: 0 }, 'cold', signal)
  const diskRate = await readRate(file, signal)
  const cacheRate = await readRate(file, signal)
  const isCold = share !== undefined && share < coldShareMax
  return { ...(isCold && diskRate !== undefined && { diskRate }), ...(cacheRate !== undefined && { cacheRate }) }
}

/** A file with more than this in the page cache says nothing of the disk. */
const coldShareMax = 0.05

async function readRate(path: string, signal: AbortSignal): Promise<number | undefined> {
  const startedMs = performance.now()
  const within = AbortSignal.any([signal, AbortSignal.timeout(readForMs)])
  const bytes = await prefetchFile({ path, signal: within, parallel: 4 })
  const seconds = (performance.now() - startedMs) / 1000
  return bytes === 0 || seconds === 0 ? undefined : bytes / seconds
}
