import { familyOf } from './family-of.ts'
import { recordOf, textOf } from './foreign-values.ts'
import { compact } from './imported.ts'
import type { Imported, ImportedProfile } from './imported.ts'

/** What Ollama keeps of one model on disk. */
export interface OllamaFiles {
  readonly model: string
  readonly mmproj?: string
  /** Parameters of its Modelfile, such as temperature and num_ctx. */
  readonly parameters?: Readonly<Record<string, unknown>>
}

/** Names out of `ollama list`, or out of the JSON of `/api/tags`; undefined for any other text. */
export function readOllamaNames(text: string): readonly string[] | undefined {
  if (text.trimStart().startsWith('{')) return namesOfTags(text)
  const [header = '', ...lines] = text.trim().split(/\r?\n/)
  if (!/^NAME\s+ID\s+SIZE/.test(header)) return undefined
  return lines.flatMap((line) => /^\S+/.exec(line)?.[0] ?? [])
}

function namesOfTags(text: string): readonly string[] | undefined {
  try {
    const { models } = recordOf(JSON.parse(text))
    return Array.isArray(models) ? models.flatMap((model: unknown) => textOf(recordOf(model)['name']) ?? []) : undefined
  } catch {
    return undefined // something else that begins with a brace
  }
}

/**
 * Models of Ollama as profiles over the weights it keeps. Its own server stays a backend for those whose weights are not
 * on this machine.
 */
export function importOllama(names: readonly string[], filesOf: (name: string) => OllamaFiles | undefined): Imported {
  const found = names.map((name) => ({ name, files: filesOf(name) }))
  const missing = found.filter(({ files }) => files === undefined).map(({ name }) => name)
  const profiles = found.flatMap(({ name, files }): [string, ImportedProfile][] => {
    return files === undefined ? [] : [[profileName(name), profileOf(name, files)]]
  })
  return {
    document: {
      ...(missing.length > 0 && { backends: { ollama: { url: 'http://127.0.0.1:11434', kind: 'ollama' } } }),
      ...(profiles.length > 0 && { profiles: Object.fromEntries(profiles) }),
    },
    notes: [
      ...(missing.length === 0
        ? []
        : [
            `no weights of ${missing.join(', ')} on this machine (OLLAMA_MODELS says where to look), so Ollama serves these as a backend`,
          ]),
      ...(profiles.length === 0
        ? []
        : [
            'Ollama runs some models with an engine of its own; `llmr profiles fit` and a first load show whether llama-server reads them',
          ]),
    ],
  }
}

function profileOf(name: string, { model, mmproj, parameters = {} }: OllamaFiles): ImportedProfile {
  const { num_ctx: context, stop, ...others } = parameters
  const sampling = Object.fromEntries(
    Object.entries(others).flatMap(([key, value]): [string, unknown][] => {
      const ours = samplingNames[key]
      return ours === undefined ? [] : [[ours, value]]
    }),
  )
  return compact({
    extends: familyOf(name),
    // Its files have no ending by which they could be told from a reference.
    flags: { model, ...(mmproj !== undefined && { mmproj }) },
    context,
    sampling: { ...sampling, ...(stop !== undefined && { stop }) },
    aliases: name.endsWith(':latest') ? [] : [name],
  })
}

const samplingNames: Readonly<Record<string, string>> = {
  temperature: 'temperature',
  top_p: 'top_p',
  top_k: 'top_k',
  min_p: 'min_p',
  repeat_penalty: 'repeat_penalty',
  presence_penalty: 'presence_penalty',
  frequency_penalty: 'frequency_penalty',
  num_predict: 'max_tokens',
  seed: 'seed',
}

/** `qwen3:8b` → `qwen3-8b`, `hf.co/org/name:Q4` → `name-Q4`. */
function profileName(name: string): string {
  return (name.split('/').at(-1) ?? name).replace(/:latest$/, '').replaceAll(':', '-')
}
