import { plainKey } from '../flags/find-flag.ts'
import type { FlagValue } from '../flags/flag-value.ts'
import type { LaunchProfile } from '../launch-profile.ts'

/**
 * Arguments of `vllm serve`. Its help takes seconds and a GPU library to print, so flags are only respelled: a switch is
 * `--name` or `--no-name`, a list is several words.
 */
export function vllmWords(profile: LaunchProfile, { port }: { readonly port: number }): readonly string[] {
  const { model, context, parallel, kvCache, draft, sleepLevel, host, name } = profile
  const keys: Readonly<Record<string, FlagValue | undefined>> = {
    'served-model-name': name,
    'max-model-len': context,
    'max-num-seqs': parallel,
    'kv-cache-dtype': kvCache?.k ?? kvCache?.v,
    'speculative-config':
      draft?.model === undefined
        ? undefined
        : JSON.stringify({ model: draft.model, num_speculative_tokens: draft.max ?? 3 }),
    'enable-sleep-mode': sleepLevel === undefined ? undefined : true,
  }
  const written = Object.entries(profile.flags).map(([key, value]): [string, FlagValue] => [plainKey(key), value])
  const merged = new Map([...Object.entries(keys), ...written])
  const words = Array.from(merged).flatMap(([key, value]) => (value === undefined ? [] : wordsOf(key, value)))
  return [
    'serve',
    ...(model === undefined ? [] : [model.replace(/^hf:/, '')]),
    ...words,
    '--host',
    host,
    '--port',
    String(port),
  ]
}

function wordsOf(key: string, value: FlagValue): readonly string[] {
  if (typeof value === 'boolean') return [value ? `--${key}` : `--no-${key}`]
  return [`--${key}`, ...(Array.isArray(value) ? value.map(String) : [String(value)])]
}
