import { profileSchema } from '../../src/config/profile-schema.ts'
import { launchProfile } from '../../src/gateway/configure/profile-settings.ts'
import type { LaunchProfile } from '../../src/profiles/launch-profile.ts'

/** A profile as it would be written, with the defaults of the schema. */
export function profileOf(written: Readonly<Record<string, unknown>>, name = 'mine'): LaunchProfile {
  return launchProfile(name, profileSchema.parse(written))
}
