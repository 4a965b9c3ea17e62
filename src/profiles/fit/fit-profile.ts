import { LlmrError } from '../../core/error.ts'
import { isWeightsFile } from '../launch-profile.ts'
import type { LaunchProfile } from '../launch-profile.ts'
import { findMemory } from './find-memory.ts'
import type { GpuMemory } from './find-memory.ts'
import { fitReport, fitSettings } from './fit-report.ts'
import type { FitReport } from './fit-report.ts'
import type { ModelFacts } from './model-facts.ts'
import { readGguf } from './read-gguf.ts'
import { weightsBytes } from './weights-bytes.ts'

export interface ProfileFit extends FitReport {
  readonly model: ModelFacts
  readonly file: string
  /** The GPUs that were asked; empty when the memory was named, or none was found. */
  readonly gpus: readonly GpuMemory[]
}

/**
 * Reads the weights' header and looks how much memory is free.
 *
 * @param vramBytes memory to compare with, in place of what is free now.
 * @throws LlmrError `invalid_request` for weights that are not on this machine, or no GGUF.
 */
export async function fitProfile(
  profile: LaunchProfile,
  { vramBytes }: { readonly vramBytes: number | undefined },
): Promise<ProfileFit> {
  const { model: file, mmproj, draft } = profile
  if (file === undefined || !isWeightsFile(file)) {
    const what = file === undefined ? 'no weights' : `"${file}", which only its engine can resolve`
    throw new LlmrError('invalid_request', `${profile.name} has ${what}; expected the path of a .gguf file`)
  }
  const model = await readGguf(file)
  const beside = await Promise.all([mmproj, draft?.model].map(weightsBytes))
  const gpus = vramBytes === undefined ? await findMemory() : []
  const freeBytes = vramBytes ?? (gpus.length === 0 ? undefined : gpus.reduce((sum, gpu) => sum + gpu.freeBytes, 0))
  const settings = fitSettings(
    profile,
    model,
    beside.reduce((sum, bytes) => sum + bytes, 0),
  )
  return { model, file, gpus, ...fitReport({ model, settings, freeBytes }) }
}
