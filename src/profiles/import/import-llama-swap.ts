import { parse } from 'yaml'

import type { FlagTable } from '../flags/flag-table.ts'
import { splitWords } from '../split-words.ts'
import { expandMacros } from './expand-macros.ts'
import { numberOf, recordOf, textOf, textsOf } from './foreign-values.ts'
import { compact } from './imported.ts'
import type { Imported, ImportedProfile } from './imported.ts'
import { importRouting, residencyOf } from './llama-swap-routing.ts'
import { profileFromWords } from './profile-from-words.ts'

type Record_ = Readonly<Record<string, unknown>>

/**
 * A configuration of llama-swap: its models become profiles, peers become backends, groups and the matrix go to
 * `scheduling`.
 *
 * @returns undefined when the text is not one.
 */
export function importLlamaSwap(text: string, table: FlagTable): Imported | undefined {
  const config = recordOf(readYaml(text))
  const models = Object.entries(recordOf(config['models']))
  if (models.length === 0 && config['peers'] === undefined) return undefined
  const notes: string[] = []
  const residency = residencyOf(config)
  const profiles = models.map(([id, model]): [string, ImportedProfile] => {
    const note = (message: string): void => void notes.push(`models.${id}: ${message}`)
    return [id, compact({ ...importModel(recordOf(model), { config, table, note }), ...residency.keysOf(id) })]
  })
  const routing = importRouting(config)
  return {
    document: {
      ...(routing.backends && { backends: routing.backends }),
      profiles: Object.fromEntries(profiles),
      ...(routing.scheduling && { scheduling: routing.scheduling }),
    },
    notes: [...notes, ...routing.notes],
  }
}

function readYaml(text: string): unknown {
  try {
    return parse(text, { uniqueKeys: false, maxAliasCount: 1_000 })
  } catch {
    return undefined // said to be no configuration of llama-swap
  }
}

interface ModelContext {
  readonly config: Record_
  readonly table: FlagTable
  readonly note: (message: string) => void
}

function importModel(model: Record_, { config, table, note }: ModelContext): ImportedProfile {
  const macros = { ...recordOf(config['macros']), ...recordOf(model['macros']) }
  const expand = (value: unknown): string | undefined => {
    const text = textOf(value)
    return text === undefined ? undefined : expandMacros(text, macros)
  }
  const capabilities = recordOf(model['capabilities'])
  const filters = importFilters(recordOf(model['filters']))
  const launched = importCommand(expand(model['cmd']), { table, note })
  const ttl = numberOf(model['ttl']) ?? -1
  const idle = ttl === -1 ? numberOf(config['globalTTL']) : ttl
  const { set, strip, set_by_name, sampling } = filters
  mentionLosses(model, note)

  return {
    ...launched,
    context: launched['context'] ?? numberOf(capabilities['context']),
    description: textOf(model['description']) ?? textOf(model['name']),
    proxy: proxyOf(expand(model['proxy'])),
    env: Object.fromEntries(textsOf(model['env']).map((pair) => splitAt(expandMacros(pair, macros), '='))),
    ready: compact({
      path: textOf(model['checkEndpoint']) === '/health' ? undefined : expand(model['checkEndpoint']),
      timeout: seconds(numberOf(config['healthCheckTimeout'])),
    }),
    stop: compact({
      command: expand(model['cmdStop']),
      timeout: seconds(numberOf(model['unloadTimeout']) || numberOf(config['unloadTimeout'])),
    }),
    sampling,
    filters: compact({ set, strip, set_by_name }),
    use_model_name: textOf(model['useModelName']),
    aliases: textsOf(model['aliases']),
    unlisted: model['unlisted'] === true ? true : undefined,
    capabilities: importCapabilities(capabilities),
    metadata: recordOf(model['metadata']),
    ttl: idle === undefined || idle === 0 ? undefined : seconds(idle),
    concurrency: numberOf(model['concurrencyLimit']) || undefined,
    loading_state: loadingStateOf(model['sendLoadingState'] ?? config['sendLoadingState']),
  }
}

/** Its loading state is always text of the model's reasoning. */
function loadingStateOf(isSent: unknown): string | undefined {
  if (isSent === true) return 'reasoning'
  return isSent === false ? 'off' : undefined
}

function importCommand(
  command: string | undefined,
  { table, note }: Pick<ModelContext, 'table' | 'note'>,
): ImportedProfile {
  if (command === undefined) {
    note('cmd is missing, so there is nothing to launch')
    return { engine: 'command', command: [] }
  }
  // llama-swap drops whole lines that begin with # before it splits.
  const split = splitWords(command.replaceAll(/^\s*#.*$/gm, '').replaceAll(/\\\s*\n/g, ' '))
  if (split.problem !== undefined) {
    note(`cmd stays as it is and will be refused: ${split.problem}`)
    return { engine: 'command', command }
  }
  return profileFromWords(split.words, table)
}

function importFilters(filters: Record_) {
  const set = Object.entries(recordOf(filters['setParams']))
  const strip = (textOf(filters['stripParams'] ?? filters['strip_params']) ?? '').split(',').map((name) => name.trim())
  return {
    // A name that ends in ? is set only when the client did not.
    set: Object.fromEntries(set.filter(([name]) => !name.endsWith('?'))),
    sampling: Object.fromEntries(
      set.filter(([name]) => name.endsWith('?')).map(([name, value]) => [name.slice(0, -1), value]),
    ),
    strip: strip.filter((name) => name !== ''),
    set_by_name: recordOf(filters['setParamsByID']),
  }
}

function importCapabilities(capabilities: Record_): readonly string[] {
  const inputs = textsOf(capabilities['in'])
  const outputs = textsOf(capabilities['out'])
  return [
    ...(inputs.includes('image') ? ['vision'] : []),
    ...(inputs.includes('audio') && outputs.includes('text') ? ['transcription'] : []),
    ...(outputs.includes('audio') ? ['speech'] : []),
    ...(outputs.includes('image') ? ['image'] : []),
    ...(capabilities['tools'] === true ? ['tools'] : []),
    ...(capabilities['reranker'] === true ? ['rerank'] : []),
  ]
}

function mentionLosses(model: Record_, note: ModelContext['note']): void {
  if (model['timeouts'] !== undefined) note('timeouts have no place of their own: resilience.* holds for all models')
  if (model['compat'] !== undefined) note('compat.ignoreWebsockets has no place: a websocket never loads a model here')
}

/** The usual one goes without saying. */
function proxyOf(proxy: string | undefined): string | undefined {
  return proxy === undefined || /^http:\/\/(localhost|127\.0\.0\.1):\$\{PORT\}\/?$/.test(proxy) ? undefined : proxy
}

function splitAt(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator)
  return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at + separator.length)]
}

function seconds(value: number | undefined): string | undefined {
  return value === undefined || value <= 0 ? undefined : `${value}s`
}
