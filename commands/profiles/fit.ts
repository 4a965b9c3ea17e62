import { Args, Flags } from '@oclif/core'

import { CliError } from '../../src/cli/cli-error.ts'
import { LlmrCommand } from '../../src/cli/command.ts'
import { configFlag } from '../../src/cli/config-flag.ts'
import { gatewayFlags } from '../../src/cli/gateway-flags.ts'

export default class ProfilesFit extends LlmrCommand {
  static override summary = 'Say whether a model fits into GPU memory, before it is launched.'
  static override description =
    'Weights and KV cache are computed from the header of the GGUF file, the overhead is estimated; free memory is asked ' +
    'of nvidia-smi, rocm-smi or the amdgpu driver, unless --vram says it. When it does not fit, what would make it fit. ' +
    'Exits with 3 when it does not.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> coder',
    {
      description: 'A file, on a machine that is not this one',
      command:
        '<%= config.bin %> <%= command.id %> ~/models/Qwen3-32B-Q4_K_M.gguf --vram 24GiB --context 32768 --cache-type q8_0',
    },
  ]
  static override args = { model: Args.string({ required: true, description: 'A profile, or a .gguf file.' }) }
  static override flags = {
    config: configFlag,
    data: gatewayFlags.data,
    vram: Flags.string({ summary: 'Memory to compare with, such as 24GiB.', helpValue: 'SIZE' }),
    context: Flags.integer({ summary: 'Tokens of one request.', min: 1, helpValue: 'N' }),
    parallel: Flags.integer({ summary: 'Requests at once.', min: 1, helpValue: 'N' }),
    'cache-type': Flags.string({ summary: 'Type of the KV cache, such as q8_0.', helpValue: 'TYPE' }),
    'gpu-layers': Flags.integer({ summary: 'Layers on the GPU.', min: 0, helpValue: 'N' }),
  }

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(ProfilesFit)
    const { formatFit } = await import('../../src/cli/format-fit.ts')
    const { size } = await import('../../src/config/units.ts')
    const { findFitProfile } = await import('../../src/gateway/operating/find-fit-profile.ts')
    const { fitProfile } = await import('../../src/profiles/fit/fit-profile.ts')

    const vram = flags.vram === undefined ? undefined : size.safeParse(flags.vram)
    if (vram?.success === false) throw wrongSize(flags.vram)
    const profile = await findFitProfile(args.model, { flag: flags.config, data: flags.data }).catch(explain)
    const type = flags['cache-type']
    const changed = {
      ...profile,
      ...(flags.context !== undefined && { context: flags.context }),
      ...(flags.parallel !== undefined && { parallel: flags.parallel }),
      ...(type !== undefined && { kvCache: { k: type, v: type } }),
      ...(flags['gpu-layers'] !== undefined && { gpuLayers: flags['gpu-layers'] }),
    }
    const fit = await fitProfile(changed, { vramBytes: vram?.data }).catch(explain)
    this.log(formatFit(profile.name, fit))
    if (fit.verdict?.isFitting === false) this.foundSomething()
    const { layers, ...model } = fit.model
    const { gpuLayers } = fit.settings
    const settings = { ...fit.settings, gpuLayers: Number.isFinite(gpuLayers) ? gpuLayers : 'all' }
    return { profile: profile.name, ...fit, settings, model: { ...model, layers: layers.length } }
  }
}

function wrongSize(given: string | undefined): CliError {
  return new CliError(`--vram: expected a size such as 24GiB, got ${JSON.stringify(given)}.`, {
    code: 'invalid_flag',
    exitCode: 2,
  })
}

async function explain(error: unknown): Promise<never> {
  const { explainStart } = await import('../../src/cli/explain-start.ts')
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'model_not_found' || code === 'invalid_request') {
    const message = error instanceof Error ? error.message : String(error)
    throw new CliError(message, {
      code: 'no_fit',
      nextSteps: ['`llmr profiles list` shows what there is.'],
      cause: error,
    })
  }
  throw explainStart(error, {})
}
