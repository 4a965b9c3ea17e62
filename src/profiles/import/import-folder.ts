import type { ModelFacts } from '../fit/model-facts.ts'
import { familyOf } from './family-of.ts'
import { compact } from './imported.ts'
import type { Imported, ImportedProfile } from './imported.ts'

/** Weights that were found, with what their header says. */
export interface FoundWeights {
  /** Absolute. */
  readonly file: string
  /** Of the same folder: lets it see images. */
  readonly mmproj?: string
  /** Absent for a file that cannot be read; the reason in words. */
  readonly facts?: ModelFacts
  readonly problem?: string
}

/** Contexts longer than this are asked for by nobody by accident; memory for them is. */
const contextMax = 32_768

/** Weights of a folder as profiles: named by their files, started from a shipped template where the family is known. */
export function importFolder(found: readonly FoundWeights[]): Imported {
  const notes: string[] = []
  const profiles = new Map<string, ImportedProfile>()
  for (const weights of found) {
    const name = uniqueName(nameOf(weights.file), profiles)
    if (weights.problem !== undefined) notes.push(`${weights.file} was left out: ${weights.problem}`)
    else profiles.set(name, profileOf(weights))
  }
  if (profiles.size === 0) notes.push('there are no weights (*.gguf) in this folder or below it')
  return { document: { profiles: Object.fromEntries(profiles) }, notes }
}

function profileOf({ file, mmproj, facts }: FoundWeights): ImportedProfile {
  const family = familyOf(`${facts?.name ?? ''} ${nameOf(file)}`)
  const { pooling, trainedContext } = facts ?? {}
  // The template of a family says what kind of model it is; without one the header does.
  const kind = family !== undefined ? undefined : pooling === 'rank' ? 'rerank' : pooling && 'embedding'
  return compact({
    extends: family,
    model: file,
    mmproj,
    context: trainedContext === undefined ? undefined : Math.min(trainedContext, contextMax),
    flags: kind === 'rerank' ? { reranking: true } : kind === 'embedding' ? { embeddings: true } : undefined,
    capabilities: kind === undefined ? undefined : [kind],
  })
}

/** `Qwen3-8B-Q4_K_M-00001-of-00002.gguf` → `qwen3-8b`: the quantisation is a detail of the file. */
export function nameOf(file: string): string {
  const base = file.split('/').at(-1) ?? file
  return base
    .replace(/\.gguf$/i, '')
    .replace(/-\d{5}-of-\d{5}$/, '')
    .replace(/[-._](?:UD-)?(?:I?Q\d\w*|F16|BF16|F32|MXFP4\w*)$/i, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, '-')
    .replace(/^[^a-z0-9]+/, '')
}

/** Two quantisations of one model are two profiles. */
function uniqueName(name: string, taken: ReadonlyMap<string, unknown>): string {
  const plain = name === '' ? 'model' : name
  for (let number = 1; ; number += 1) {
    const candidate = number === 1 ? plain : `${plain}-${number}`
    if (!taken.has(candidate)) return candidate
  }
}
