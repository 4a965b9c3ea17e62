import type { ResidencyConstraint } from './residency-constraint.ts'

/** Models that an operator has put together. A model is in one group at most. */
export interface ModelGroup {
  readonly name: string
  readonly members: readonly string[]
  /** One member at a time. */
  readonly swap: boolean
  /** Starting a member puts out the members of all other groups. */
  readonly exclusive: boolean
  /** Other groups cannot put its members out. */
  readonly persistent: boolean
}

/**
 * Groups as llama-swap has them, one-sided as there: a member of a group that is not exclusive starts beside an
 * exclusive one. What belongs to no group is only held to the memory there is.
 */
export function modelGroups(groups: readonly ModelGroup[]): ResidencyConstraint {
  const groupOf = new Map(groups.flatMap((group) => group.members.map((member) => [member, group] as const)))
  return {
    admits: ({ target, beside }) => {
      const group = groupOf.get(target.name)
      return group === undefined || !beside.some((model) => isInTheWay(group, groupOf.get(model.name)))
    },
    mayEvict: ({ target, victim }) => {
      const group = groupOf.get(victim.name)
      return group?.persistent !== true || groupOf.get(target.name) === group
    },
  }
}

/** Models that are in more than one group, or in one twice. */
export function repeatedMembers(groups: readonly ModelGroup[]): readonly string[] {
  const all = groups.flatMap(({ members }) => members)
  return [...new Set(all.filter((member, index) => all.indexOf(member) !== index))]
}

/** `other` belongs to a model of the same group or of another; a model in no group is another group to everyone. */
function isInTheWay(group: ModelGroup, other: ModelGroup | undefined): boolean {
  if (other === group) return group.swap
  return group.exclusive && other?.persistent !== true
}
