import { nearestName } from '../../core/nearest-name.ts'
import type { Finding } from '../finding.ts'
import type { ProfileConfig } from '../profile-schema.ts'
import type { Config } from '../schema.ts'

/** Whether the groups and pools that profiles name are there; a model with a pool that is not there never fits. */
export function checkPlaces(
  profiles: Readonly<Record<string, ProfileConfig>>,
  { groups, pools }: Pick<Config['scheduling'], 'groups' | 'pools'>,
): readonly Finding[] {
  return Object.entries(profiles).flatMap(([name, profile]): readonly Finding[] => {
    const path = ['profiles', name]
    const { group } = profile
    const groupFindings =
      group === undefined || Object.hasOwn(groups, group)
        ? []
        : [
            unknown([...path, 'group'], {
              what: 'group',
              where: 'scheduling.groups',
              name: group,
              known: Object.keys(groups),
            }),
          ]
    const known = Object.keys(pools ?? { ram: 0 })
    const poolFindings = Object.keys(profile.pools)
      .filter((pool) => !known.includes(pool))
      .map((pool) => unknown([...path, 'pools', pool], { what: 'pool', where: 'scheduling.pools', name: pool, known }))
    return [...groupFindings, ...poolFindings]
  })
}

function unknown(
  path: readonly PropertyKey[],
  facts: { readonly what: string; readonly where: string; readonly name: string; readonly known: readonly string[] },
): Finding {
  const { what, where, name, known } = facts
  const near = nearestName(name, known)
  const hint =
    near !== undefined
      ? `did you mean "${near}"?`
      : known.length === 0
        ? `add it to ${where}`
        : `${where} has ${known.join(', ')}`
  return { path, at: 'key', code: 'unknown_name', message: `no ${what} is named ${JSON.stringify(name)}; ${hint}` }
}
