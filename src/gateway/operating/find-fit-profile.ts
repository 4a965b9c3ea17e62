import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { basename, join, resolve } from 'node:path'

import { backendKinds } from '../../backends/backend-kinds.ts'
import { openConfig } from '../../config/open-config.ts'
import { profileSchema } from '../../config/profile-schema.ts'
import { LlmrError } from '../../core/error.ts'
import { nearestName } from '../../core/nearest-name.ts'
import type { LaunchProfile } from '../../profiles/launch-profile.ts'
import { launchProfile } from '../configure/profile-settings.ts'

/**
 * A profile by its name or an alias, or weights as a profile of which nothing else is said.
 *
 * @throws LlmrError `model_not_found`; ConfigError when the configuration is not usable.
 */
export async function findFitProfile(
  nameOrFile: string,
  { flag, data }: { readonly flag: string | undefined; readonly data: string | undefined },
): Promise<LaunchProfile> {
  if (/\.gguf$/i.test(nameOrFile)) {
    const model = resolve(nameOrFile.startsWith('~/') ? join(homedir(), nameOrFile.slice(2)) : nameOrFile)
    if (!existsSync(model)) throw new LlmrError('model_not_found', `There is no file ${model}.`)
    return launchProfile(basename(model), profileSchema.parse({ model }))
  }
  const { config } = await openConfig({ flag, data, backendKinds })
  const profiles = Object.entries(config.profiles)
  const found = profiles.find(([name, { aliases }]) => name === nameOrFile || aliases.includes(nameOrFile))
  if (found !== undefined) return launchProfile(...found)
  const near = nearestName(nameOrFile, Object.keys(config.profiles))
  const hint = near === undefined ? 'a file must end in .gguf' : `did you mean "${near}"?`
  throw new LlmrError('model_not_found', `There is no profile ${nameOrFile}; ${hint}`)
}
