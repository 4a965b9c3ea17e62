import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'

import { recordOf, textOf } from './foreign-values.ts'
import type { OllamaFiles } from './import-ollama.ts'

/** Where Ollama keeps its models. */
export function ollamaFolder(env: NodeJS.ProcessEnv = process.env): string {
  const named = env['OLLAMA_MODELS']
  return named === undefined || named === '' ? join(homedir(), '.ollama/models') : named
}

/** The files behind a name, by its manifest; undefined when this machine has none that can be read. */
export async function readOllamaFiles(name: string, folder: string): Promise<OllamaFiles | undefined> {
  const manifest = await readJson(manifestOf(name, folder))
  const layers = recordOf(manifest)['layers']
  const blobOf = (kind: string): string | undefined => {
    const layer = Array.isArray(layers)
      ? layers.map(recordOf).find(({ mediaType }) => mediaType === `application/vnd.ollama.image.${kind}`)
      : undefined
    const digest = /^sha256:([0-9a-f]{64})$/.exec(textOf(layer?.['digest']) ?? '')?.[1]
    return digest === undefined ? undefined : join(folder, 'blobs', `sha256-${digest}`)
  }
  const model = blobOf('model')
  if (model === undefined) return undefined
  const mmproj = blobOf('projector')
  const parameters = blobOf('params')
  return {
    model,
    ...(mmproj !== undefined && { mmproj }),
    ...(parameters !== undefined && { parameters: recordOf(await readJson(parameters)) }),
  }
}

/** `qwen3:8b` is `registry.ollama.ai/library/qwen3/8b`; a name with slashes says its registry or its owner. */
function manifestOf(name: string, folder: string): string {
  const [path = '', tag = 'latest'] = name.split(':')
  const parts = path.split('/').filter((part) => part !== '..' && part !== '.' && part !== '')
  const owner = parts.length === 1 ? ['library', ...parts] : parts
  const host = owner.length > 2 ? owner : ['registry.ollama.ai', ...owner]
  return join(folder, 'manifests', ...host, tag.replaceAll('/', ''))
}

async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'))
  } catch {
    return undefined // not there, or not Ollama's
  }
}
