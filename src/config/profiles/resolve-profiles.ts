import type { z } from 'zod'

import type { ConfigProblem } from '../config-error.ts'
import { describeSchema, shapeAt } from '../describe-schema.ts'
import { explainIssue } from '../explain-issue.ts'
import type { Finding } from '../finding.ts'
import type { LocatedMap, LocatedNode } from '../located-yaml.ts'
import { plainValue } from '../plain-value.ts'
import { profileFileSchema, profileSchema } from '../profile-schema.ts'
import type { ProfileConfig } from '../profile-schema.ts'
import type { Environment } from '../substitute-environment.ts'
import { withAbsolutePaths } from './absolute-paths.ts'
import { checkProfiles } from './check-profiles.ts'
import { inheritProfile } from './inherit-profile.ts'
import { placeFinding, toProblems } from './place-finding.ts'
import { collectDefinitions } from './profile-source.ts'
import type { Definitions, ProfileDefinition, ProfileSource, SourceFinding } from './profile-source.ts'
import { substituteMacros } from './substitute-macros.ts'

export interface ResolvedProfiles {
  /** What can be launched, by name, in the order of the files: inheritance and macros worked out, defaults filled in. */
  readonly profiles: Readonly<Record<string, ProfileConfig>>
  /** What can only be extended. */
  readonly templates: Readonly<Record<string, ProfileConfig>>
  readonly problems: readonly ConfigProblem[]
  readonly warnings: readonly ConfigProblem[]
  /** Places what a later check finds; its path begins with `profiles` and a name. */
  readonly toProblem: (finding: Finding) => ConfigProblem | undefined
  readonly fileOf: (name: string) => string | undefined
}

/**
 * Profiles of all files together, each file having been checked by itself. What inheritance or a macro made wrong is
 * reported where the wrong value is written.
 */
export function resolveProfiles({
  sources,
  env,
}: {
  readonly sources: readonly ProfileSource[]
  readonly env: Environment
}): ResolvedProfiles {
  const definitions = collectDefinitions(sources)
  const resolved = new Map(
    visible(definitions).map((definition) => [definition.name, resolveProfile(definition, definitions, env)]),
  )
  const configs = Array.from(resolved).flatMap(([name, { config }]): [string, ProfileConfig][] => {
    return config === undefined ? [] : [[name, config]]
  })
  const profiles = Object.fromEntries(configs.filter(([, { template }]) => !template))

  const place = (finding: Finding): readonly SourceFinding[] => {
    const [, name, ...path] = finding.path
    const profile = resolved.get(String(name))
    return profile === undefined ? [] : [placeFinding({ ...finding, path }, profile)]
  }
  const { errors, warnings } = checkProfiles(profiles)
  const findings = [
    ...definitions.findings,
    ...Array.from(resolved.values()).flatMap((profile) => profile.findings),
    ...errors.flatMap(place),
  ]
  return {
    profiles,
    templates: Object.fromEntries(configs.filter(([, { template }]) => template)),
    problems: toProblems(findings, sources),
    warnings: toProblems(warnings.flatMap(place), sources),
    toProblem: (finding) => toProblems(place(finding), sources)[0],
    fileOf: (name) => resolved.get(name)?.definition.source.file,
  }
}

/** A shipped profile that the user has replaced is there for whoever extends it, but the name is no longer its own. */
function visible({ own, shipped }: Definitions): readonly ProfileDefinition[] {
  return [...own.values(), ...Array.from(shipped.values()).filter(({ name }) => !own.has(name))]
}

interface ResolvedProfile {
  readonly definition: ProfileDefinition
  readonly body: LocatedMap
  /** Absent where something is wrong. */
  readonly config?: ProfileConfig
  readonly findings: readonly SourceFinding[]
}

const fileShape = describeSchema(profileFileSchema)

function resolveProfile(definition: ProfileDefinition, definitions: Definitions, env: Environment): ResolvedProfile {
  const { name, source } = definition
  const shape = shapeAt(fileShape, ['profiles', name]) ?? fileShape
  const inherited = inheritProfile(definition, definitions)
  const substituted = substituteMacros(inherited.body, { profileName: name, env, shape })
  const body = withAbsolutePaths(withoutWorkings(substituted.body), env)
  const result = profileSchema.safeParse(plainValue(body, shape))
  const impliesCommand = body.entries.has('command') && !body.entries.has('engine')

  const findings = [
    ...inherited.findings,
    ...substituted.findings.map((finding): SourceFinding => {
      return { ...finding, file: finding.file ?? source.file, path: ['profiles', name, ...finding.path] }
    }),
    ...(result.error?.issues ?? [])
      .filter((issue) => !isKnown(issue, substituted.findings))
      .flatMap((issue) => explainInProfile(issue, { name, body }))
      .map((finding) => placeFinding({ ...finding, path: finding.path.slice(2) }, { definition, body })),
  ]
  if (findings.length > 0 || !result.success) return { definition, body, findings }
  return { definition, body, findings, config: impliesCommand ? { ...result.data, engine: 'command' } : result.data }
}

/** They have done their work, and would do it again when the profile is printed and read back. */
function withoutWorkings(body: LocatedMap): LocatedMap {
  return {
    ...body,
    entries: new Map(Array.from(body.entries).filter(([key]) => key !== 'extends' && key !== 'macros')),
  }
}

/** Wrong keys were found in their own file, and a value whose macro is missing is wrong as well, which is no news. */
function isKnown({ code, path }: z.core.$ZodIssue, macroFindings: readonly Finding[]): boolean {
  if (code === 'unrecognized_keys' || code === 'invalid_key') return true
  return macroFindings.some(({ path: broken }) => broken.every((step, index) => step === path[index]))
}

/** As if the profile stood in a file of its own, so that paths and words are those of a file. */
function explainInProfile(
  issue: z.core.$ZodIssue,
  { name, body }: { readonly name: string; readonly body: LocatedMap },
): readonly Finding[] {
  const { offset, end, size } = body
  const wrap = (key: string, value: LocatedNode): LocatedMap => {
    return { kind: 'map', offset, end, size, entries: new Map([[key, { keyOffset: offset, value }]]) }
  }
  const root = wrap('profiles', wrap(name, body))
  return explainIssue({ ...issue, path: ['profiles', name, ...issue.path] }, { shape: fileShape, root })
}
