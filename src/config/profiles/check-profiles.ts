import { isLoopback } from '../check-exposure.ts'
import type { Finding } from '../finding.ts'
import type { ProfileConfig } from '../profile-schema.ts'

type Profiles = Readonly<Record<string, ProfileConfig>>

/** Whether whole profiles can be launched, and side by side. Says nothing of this machine: that is `profiles validate`. */
export function checkProfiles(profiles: Profiles): {
  readonly errors: readonly Finding[]
  readonly warnings: readonly Finding[]
} {
  const all = Object.entries(profiles)
  return {
    errors: [
      ...all.flatMap(([name, profile]) => whatIsLaunched(name, profile)),
      ...all.flatMap(([name, profile]) => onlyOf(name, profile)),
      ...portClashes(all),
      ...aliasClashes(all),
    ],
    warnings: all.flatMap(([name, profile]) => openEngine(name, profile)),
  }
}

function whatIsLaunched(name: string, { engine, command, model, flags }: ProfileConfig): readonly Finding[] {
  const missing = (message: string): Finding[] => [{ path: ['profiles', name], code: 'missing_key', message }]
  if (engine === 'command') {
    return command === undefined ? missing('expected command, as engine is command; llmr cannot guess the program') : []
  }
  const modelFlags = ['model', 'm', 'hf-repo', 'hf', 'hf_repo', 'model-url', 'model_url', 'docker-repo']
  if (model !== undefined || modelFlags.some((flag) => Object.hasOwn(flags, flag))) return []
  return missing('expected model, the weights to load; a profile that is only extended says template: true')
}

/** A key that the engine cannot be told is worse than an error: it looks as if it counted. */
function onlyOf(name: string, profile: ProfileConfig): readonly Finding[] {
  const { engine } = profile
  const unused = engineKeys.filter(({ key, engines }) => profile[key] !== undefined && !engines.includes(engine))
  return unused.map(({ key, engines }) => ({
    path: ['profiles', name, key],
    at: 'key',
    code: 'conflict',
    message: `has no effect with engine ${engine}, only with ${engines.join(' or ')}; take it away`,
  }))
}

interface EngineKey {
  readonly key: keyof ProfileConfig
  readonly engines: readonly ProfileConfig['engine'][]
}

const engineKeys: readonly EngineKey[] = [
  { key: 'command', engines: ['command'] },
  { key: 'binary', engines: ['llama-server', 'vllm'] },
  { key: 'mmproj', engines: ['llama-server'] },
  { key: 'gpu_layers', engines: ['llama-server'] },
  { key: 'sleep', engines: ['vllm'] },
]

function portClashes(all: readonly (readonly [string, ProfileConfig])[]): readonly Finding[] {
  const owners = new Map<number, string>()
  return all.flatMap(([name, { port }]): Finding[] => {
    if (port === undefined) return []
    const owner = owners.get(port)
    owners.set(port, owner ?? name)
    if (owner === undefined) return []
    const message = `profile "${owner}" has port ${port} too; take port away, and each gets a free one`
    return [{ path: ['profiles', name, 'port'], code: 'conflict', message }]
  })
}

/** A name that leads to two models leads to neither. */
function aliasClashes(all: readonly (readonly [string, ProfileConfig])[]): readonly Finding[] {
  const owners = new Map(all.map(([name]) => [name, name]))
  return all.flatMap(([name, { aliases, filters }]) => {
    const names = [
      ...aliases.map((alias, index) => ({ alias, path: ['aliases', index] as readonly PropertyKey[] })),
      ...Object.keys(filters.set_by_name)
        .filter((alias) => alias !== name && !aliases.includes(alias))
        .map((alias) => ({ alias, path: ['filters', 'set_by_name', alias] as readonly PropertyKey[] })),
    ]
    return names.flatMap(({ alias, path }): Finding[] => {
      const owner = owners.get(alias)
      owners.set(alias, owner ?? name)
      if (owner === undefined) return []
      const whose = owner === name ? 'stands here twice, or is its own name' : `belongs to profile "${owner}" too`
      return [
        { path: ['profiles', name, ...path], code: 'conflict', message: `the name "${alias}" ${whose}; take it away` },
      ]
    })
  })
}

function openEngine(name: string, { host }: ProfileConfig): readonly Finding[] {
  if (isLoopback(host)) return []
  const message = `the engine can be reached at ${host} by everyone on the network, past llmr and its keys; use 127.0.0.1 unless another machine must reach it`
  return [{ path: ['profiles', name, 'host'], code: 'conflict', message }]
}
