import { knownFlags } from '../flags/known-flags.ts'
import { readBinaryFlags } from '../flags/read-binary-flags.ts'
import { binaryOf } from '../launch-profile.ts'
import type { LaunchProfile } from '../launch-profile.ts'
import { checkLaunch } from './check-launch.ts'
import type { LaunchFacts } from './check-launch.ts'
import { findUnusable } from './find-unusable.ts'
import type { LaunchFinding } from './launch-finding.ts'

export interface InspectOptions {
  readonly gateway: LaunchFacts['gateway']
  /** The profiles are for another machine: no file is looked for on this one, and no binary is asked. */
  readonly isElsewhere: boolean
}

/** Looks at this machine, and asks the profile's binary for its flags. */
export async function inspectLaunch(
  profile: LaunchProfile,
  options: InspectOptions,
): Promise<readonly LaunchFinding[]> {
  const { gateway, isElsewhere } = options
  const binary = profile.engine === 'llama-server' ? binaryOf(profile) : undefined
  const asked = binary === undefined || isElsewhere ? undefined : await readBinaryFlags(binary)
  const unusable = isElsewhere ? [] : await findUnusable(profile)
  return checkLaunch(profile, { flags: asked ?? knownFlags(), unusable, gateway })
}
