import { readdir } from 'node:fs/promises'
import { join } from 'node:path'

import { readGguf } from '../fit/read-gguf.ts'
import type { FoundWeights } from './import-folder.ts'

/** A folder of models is shallow; a home folder given by mistake must not be read to its end. */
const depthMax = 5
const filesMax = 1_000

/** Weights below a folder, in the order of their names: split ones once, projectors beside the model they belong to. */
export async function findWeights(folder: string): Promise<readonly FoundWeights[]> {
  const files = await listGguf(folder, 0)
  const projectors = files.filter((file) => /mmproj/i.test(file.split('/').at(-1) ?? ''))
  const weights = files.filter((file) => !projectors.includes(file) && isFirstPart(file)).slice(0, filesMax)
  const found: FoundWeights[] = []
  for (const file of weights) {
    const mmproj = projectors.find((projector) => folderOf(projector) === folderOf(file))
    found.push({ file, ...(mmproj !== undefined && { mmproj }), ...(await readFacts(file)) })
  }
  return found
}

async function listGguf(folder: string, depth: number): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    if (depth === 0) throw error
    return [] // a folder of somebody else's
  })
  const lists = await Promise.all(
    entries
      .toSorted((a, b) => (a.name < b.name ? -1 : 1))
      .map(async (entry) => {
        const path = join(folder, entry.name)
        if (entry.isDirectory()) return depth < depthMax && !entry.name.startsWith('.') ? listGguf(path, depth + 1) : []
        return /\.gguf$/i.test(entry.name) ? [path] : []
      }),
  )
  return lists.flat()
}

function isFirstPart(file: string): boolean {
  const part = /-(\d{5})-of-\d{5}\.gguf$/i.exec(file)?.[1]
  return part === undefined || part === '00001'
}

function folderOf(file: string): string {
  return file.slice(0, file.lastIndexOf('/'))
}

async function readFacts(file: string): Promise<Pick<FoundWeights, 'facts' | 'problem'>> {
  try {
    return { facts: await readGguf(file) }
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) }
  }
}
