import { discoverBackends } from '../../backends/discover.ts'
import { backendKinds } from '../../backends/backend-kinds.ts'
import { trustOfUrl } from '../../core/trust-of-url.ts'
import { CliError } from '../../cli/cli-error.ts'
import { explainStart } from '../../cli/explain-start.ts'
import { openConfig } from '../../config/open-config.ts'
import type { BackendSettings } from '../../core/backend.ts'
import { backendSettings } from '../configure/settings.ts'

export interface ProbeTargetOptions {
  /** A backend of llmr.yaml, or the name to give to the one at `url`. */
  readonly name?: string
  readonly url?: string
  readonly kind?: string
  /** The value of `--config`. */
  readonly config?: string
  readonly environment: Readonly<Record<string, string | undefined>>
}

/**
 * Which backends a probe is about: the address given, else those of llmr.yaml, else what runs on this machine.
 *
 * @throws CliError when there is none, or the words do not name one.
 */
export async function probeTargets(options: ProbeTargetOptions): Promise<readonly BackendSettings[]> {
  if (options.url !== undefined) return [targetAt(options.url, options)]
  const { config } = await openConfig({ flag: options.config, backendKinds }).catch((error: unknown) => {
    throw explainStart(error, {})
  })
  const configured = backendSettings(config)
  if (options.name !== undefined) return [namedTarget(options.name, configured)]
  if (configured.length > 0) return configured
  const found = await discoverBackends()
  if (found.length > 0) return found
  throw new CliError('llmr.yaml names no backend, and no engine answers on the usual ports of this machine.', {
    code: 'no_backends',
    nextSteps: ['Start an engine, or name its address with --url.', 'Backends are configured under `backends`.'],
  })
}

function targetAt(given: string, { name, kind = 'auto', environment }: ProbeTargetOptions): BackendSettings {
  const url = given.replace(/\/+$/, '').replace(/\/v1$/, '')
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    throw new CliError(`--url must be an http:// or https:// address, got ${given}.`, {
      code: 'invalid_url',
      nextSteps: ['For example --url http://127.0.0.1:8080'],
      exitCode: 2,
    })
  }
  if (kind !== 'auto' && !backendKinds.includes(kind)) {
    throw new CliError(`There is no kind ${kind}.`, {
      code: 'invalid_kind',
      nextSteps: [`Kinds are ${backendKinds.join(', ')}; without --kind the server is asked.`],
      exitCode: 2,
    })
  }
  const apiKey = environment['LLMR_BACKEND_KEY']
  return {
    name: name ?? new URL(url).host,
    url,
    kind,
    trust: trustOfUrl(url),
    headers: {},
    weight: 1,
    isPaid: false,
    ...(apiKey !== undefined && { apiKey }),
  }
}

function namedTarget(name: string, configured: readonly BackendSettings[]): BackendSettings {
  const target = configured.find((settings) => settings.name === name)
  if (target !== undefined) return target
  const names = configured.map((settings) => settings.name).join(', ')
  throw new CliError(`llmr.yaml has no backend ${name}.`, {
    code: 'backend_not_found',
    nextSteps: [names === '' ? 'It names none at all; give the address with --url.' : `It has ${names}.`],
    exitCode: 2,
  })
}
