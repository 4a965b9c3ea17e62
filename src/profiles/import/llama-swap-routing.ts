import { numberOf, recordOf, textOf, textsOf } from './foreign-values.ts'
import { compact } from './imported.ts'
import type { ImportedDocument, ImportedProfile } from './imported.ts'

type Record_ = Readonly<Record<string, unknown>>

/** Groups, preloading and priorities of llama-swap, which a profile names itself. */
export function residencyOf(config: Record_): { readonly keysOf: (id: string) => ImportedProfile } {
  const groups = Object.entries(groupsOf(config))
  const preload = textsOf(recordOf(recordOf(config['hooks'])['on_startup'])['preload'])
  return {
    keysOf: (id) => ({
      group: groups.find(([, group]) => textsOf(recordOf(group)['members']).includes(id))?.[0],
      preload: preload.includes(id) ? true : undefined,
    }),
  }
}

/** What concerns several models, or no model at all. */
export function importRouting(
  config: Record_,
): Pick<ImportedDocument, 'backends' | 'scheduling'> & { readonly notes: readonly string[] } {
  const notes: string[] = []
  const peers = Object.entries(recordOf(config['peers'])).map(([id, peer]): [string, ImportedProfile] => {
    const { proxy, models, apiKey } = recordOf(peer)
    const key = apiKeyOf(id, textOf(apiKey))
    if (key !== undefined && key !== apiKey)
      notes.push(`peers.${id}: its key is not copied; give it in the variable ${key.slice(6, -1)}`)
    return [id, compact({ url: textOf(proxy), models: textsOf(models), api_key: key })]
  })
  const scheduling = compact({ groups: importGroups(config), matrix: importMatrix(config) })
  return {
    ...(peers.length > 0 && { backends: Object.fromEntries(peers) }),
    ...(Object.keys(scheduling).length > 0 && { scheduling }),
    notes: [
      ...notes,
      ...noPlace.filter(({ path }) => isSaid(config, path)).map(({ path, instead }) => `${path.join('.')}: ${instead}`),
    ],
  }
}

/** A secret does not travel over a terminal. */
function apiKeyOf(id: string, apiKey: string | undefined): string | undefined {
  if (apiKey === undefined || /^\$\{env\.[A-Za-z_][A-Za-z0-9_]*\}$/.test(apiKey)) return apiKey
  return `\${env.${id.toUpperCase().replaceAll(/[^A-Z0-9]+/g, '_')}_API_KEY}`
}

function groupsOf(config: Record_): Record_ {
  const router = recordOf(recordOf(config['routing'])['router'])
  return { ...recordOf(config['groups']), ...recordOf(recordOf(router['settings'])['groups']) }
}

function importGroups(config: Record_): ImportedProfile {
  return Object.fromEntries(
    Object.entries(groupsOf(config)).map(([name, group]) => {
      const { swap, exclusive, persistent } = recordOf(group)
      return [
        name,
        Object.fromEntries(Object.entries({ swap, exclusive, persistent }).filter(([, is]) => typeof is === 'boolean')),
      ]
    }),
  )
}

function importMatrix(config: Record_): ImportedProfile {
  const router = recordOf(recordOf(config['routing'])['router'])
  const matrix = { ...recordOf(config['matrix']), ...recordOf(recordOf(router['settings'])['matrix']) }
  const sets = Object.fromEntries(
    Object.entries(recordOf(matrix['sets'])).flatMap(([name, set]) =>
      textOf(set) === undefined ? [] : [[name, textOf(set)]],
    ),
  )
  if (Object.keys(sets).length === 0) return {}
  const costs = Object.entries(recordOf(matrix['evict_costs'])).filter(([, cost]) => (numberOf(cost) ?? 0) > 0)
  return compact({ sets, variables: recordOf(matrix['vars']), evict_costs: Object.fromEntries(costs) })
}

/** Keys that are not carried over, and what to do instead. */
const noPlace: readonly { readonly path: readonly string[]; readonly instead: string }[] = [
  {
    path: ['apiKeys'],
    instead: 'keys are not copied; make each with `llmr keys create NAME`, which keeps only hashes',
  },
  { path: ['selectors'], instead: 'write a model with pick, or with backends and policy: see docs/routing.md' },
  { path: ['profiles'], instead: 'pins of names have no place; write models.NAME with aliases, or two configurations' },
  {
    path: ['routing', 'scheduler'],
    instead: 'priorities have no place; weight in a profile says how much waiting counts',
  },
  { path: ['startPort'], instead: 'not needed, each engine gets a free port' },
  { path: ['captureBuffer'], instead: 'requests are not captured' },
  { path: ['store'], instead: 'not needed here' },
  { path: ['logLevel'], instead: 'telemetry.log.level' },
  { path: ['logToStdout'], instead: "telemetry.log; engines' output is in `llmr logs NAME`" },
  { path: ['metricsMaxInMemory'], instead: 'telemetry.recent_requests' },
  { path: ['performance'], instead: '/metrics has what is measured' },
  { path: ['includeAliasesInList'], instead: 'aliases are not listed apart' },
  { path: ['upstream', 'ignorePaths'], instead: 'only requests that generate load a model, so no list is needed' },
  { path: ['security'], instead: 'listen.cors_origins' },
  { path: ['globalConcurrencyLimit'], instead: 'scheduling.queue.total, or max_concurrent of a key' },
]

function isSaid(config: Record_, path: readonly string[]): boolean {
  const value = path.reduce<unknown>((at, key) => recordOf(at)[key], config)
  return value !== undefined && value !== null
}
