import type { FlagTable } from '../flags/flag-table.ts'
import type { LaunchProfile } from '../launch-profile.ts'
import { checkAddress } from './check-address.ts'
import { checkCommand } from './check-command.ts'
import { checkFlags } from './check-flags.ts'
import type { LaunchFinding } from './launch-finding.ts'

/** What was seen of this machine. */
export interface LaunchFacts {
  /** The flags of the profile's binary; those llmr knows when it could not be asked. */
  readonly flags: FlagTable
  /** Files, folders and programs that the profile names and that cannot be used, with the reason in words. */
  readonly unusable: readonly { readonly path: readonly PropertyKey[]; readonly reason: string }[]
  /** Where llmr itself listens. */
  readonly gateway: { readonly host: string; readonly port: number }
}

/** Everything that would go wrong when the profile is launched here and now, found before that. */
export function checkLaunch(profile: LaunchProfile, facts: LaunchFacts): readonly LaunchFinding[] {
  return [
    ...facts.unusable.map(({ path, reason }): LaunchFinding => ({ path, code: 'unreadable', message: reason })),
    ...checkCommand(profile),
    ...checkAddress(profile, facts.gateway),
    ...(profile.engine === 'llama-server' ? checkFlags(profile, facts.flags) : []),
  ]
}
