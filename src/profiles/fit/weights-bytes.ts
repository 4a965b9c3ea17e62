import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'

import { isWeightsFile, weightParts } from '../launch-profile.ts'

/** Bytes of weights on this machine: a file with all its parts, or a folder. 0 for what is not there, or not known. */
export async function weightsBytes(path: string | undefined): Promise<number> {
  if (path === undefined || !isWeightsFile(path)) return 0
  const files = await filesOf(path)
  const sizes = await Promise.all(files.map(sizeOf))
  return sizes.reduce((sum, size) => sum + size, 0)
}

async function filesOf(path: string): Promise<readonly string[]> {
  if (/\.gguf$/i.test(path)) return weightParts(path)
  const names = await readdir(path).catch(() => undefined)
  return names === undefined ? [path] : names.map((name) => join(path, name))
}

/** Links followed: hubs keep files elsewhere. What is missing is for `llmr profiles validate` to tell. */
async function sizeOf(file: string): Promise<number> {
  return stat(file).then(
    (found) => (found.isFile() ? found.size : 0),
    () => 0,
  )
}
