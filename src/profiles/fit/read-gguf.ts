import { stat } from 'node:fs/promises'

import { LlmrError } from '../../core/error.ts'
import { weightParts } from '../launch-profile.ts'
import { modelFacts } from './gguf-facts.ts'
import type { GgufPart } from './gguf-facts.ts'
import type { ModelFacts } from './model-facts.ts'

/**
 * Reads the header of weights on this machine, of all parts if they are split. The weights themselves are not read; the
 * reader gives up on a header of more than 50 MB.
 *
 * @throws LlmrError `invalid_request` for a file that is missing, or is no GGUF.
 */
export async function readGguf(file: string): Promise<ModelFacts> {
  const parts: GgufPart[] = []
  for (const part of weightParts(file)) parts.push(await readPart(part))
  try {
    return modelFacts(parts)
  } catch (cause) {
    throw new LlmrError('invalid_request', `${file} cannot be used: ${messageOf(cause)}`, { cause })
  }
}

async function readPart(file: string): Promise<GgufPart> {
  try {
    const { size } = await stat(file)
    // Loading the reader costs more than a command that does not need it.
    const { gguf } = await import('@huggingface/gguf')
    const { metadata, tensorInfos, tensorDataOffset } = await gguf(file, { allowLocalFile: true })
    return {
      bytes: size,
      metadata: Object.fromEntries(Object.entries(metadata)),
      dataOffset: Number(tensorDataOffset),
      tensors: tensorInfos.map(({ name, offset }) => ({ name, offset: Number(offset) })),
    }
  } catch (cause) {
    throw new LlmrError('invalid_request', `${file} cannot be read as GGUF: ${messageOf(cause)}`, { cause })
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
