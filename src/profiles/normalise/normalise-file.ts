import type { FlagTable } from '../flags/flag-table.ts'
import { knownFlags } from '../flags/known-flags.ts'
import { readBinaryFlags } from '../flags/read-binary-flags.ts'
import { normaliseProfiles } from './normalise-profiles.ts'
import type { NormalisedText } from './normalise-profiles.ts'

/** Asks each binary that the file names, once, and normalises. */
export async function normaliseFile(
  text: string,
  { binary }: { readonly binary: string | undefined },
): Promise<NormalisedText | undefined> {
  const binaries = new Set<string>()
  normaliseProfiles(text, (profile) => {
    if (isLlamaServer(profile.engine)) binaries.add(binary ?? profile.binary ?? 'llama-server')
    return undefined
  })
  const tables = new Map<string, FlagTable>()
  for (const one of binaries) tables.set(one, (await readBinaryFlags(one)) ?? knownFlags())
  return normaliseProfiles(text, (profile) => {
    return isLlamaServer(profile.engine) ? tables.get(binary ?? profile.binary ?? 'llama-server') : undefined
  })
}

function isLlamaServer(engine: string | undefined): boolean {
  return engine === undefined || engine === 'llama-server'
}
