import { stat } from 'node:fs/promises'

import { knownFlags } from '../flags/known-flags.ts'
import { findWeights } from './find-weights.ts'
import { importFolder } from './import-folder.ts'
import { importLiteLlm } from './import-litellm.ts'
import { importLlamaSwap } from './import-llama-swap.ts'
import { importOllama, readOllamaNames } from './import-ollama.ts'
import type { OllamaFiles } from './import-ollama.ts'
import { importPreset } from './import-preset.ts'
import type { Imported } from './imported.ts'
import { ollamaFolder, readOllamaFiles } from './read-ollama-files.ts'

/** A folder of weights, or nothing when the path is none. */
export async function importFromFolder(path: string): Promise<Imported | undefined> {
  const isFolder = await stat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  )
  return isFolder ? importFolder(await findWeights(path)) : undefined
}

/**
 * A text of another program, recognised by what it is: `ollama list` or the JSON of its `/api/tags`, a preset of
 * llama-server, a configuration of LiteLLM or llama-swap. Undefined when it is none of these.
 */
export async function importFromText(text: string): Promise<Imported | undefined> {
  const names = readOllamaNames(text)
  if (names !== undefined) return importOllama(names, await filesByName(names))
  if (/^\s*\[[^\]\n]+\]\s*$/m.test(text) && /^\s*[\w-]+\s*=/m.test(text)) return importPreset(text, knownFlags())
  return importLiteLlm(text) ?? importLlamaSwap(text, knownFlags())
}

async function filesByName(names: readonly string[]): Promise<(name: string) => OllamaFiles | undefined> {
  const folder = ollamaFolder()
  const found = new Map<string, OllamaFiles | undefined>()
  for (const name of names) found.set(name, await readOllamaFiles(name, folder))
  return (name) => found.get(name)
}
