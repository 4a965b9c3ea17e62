/**
 * Names of one thing, the newest first. Configurations outlive releases, and people write what the API, a binding or an
 * older release calls it: the first name that a binary has, and has not removed, is the one it is told.
 */
export const flagRenames: readonly (readonly string[])[] = [
  ['ctx-size', 'n-ctx', 'num-ctx', 'context-size', 'context-length', 'max-context'],
  ['gpu-layers', 'n-gpu-layers', 'ngl', 'num-gpu', 'gpu-layer'],
  ['batch-size', 'n-batch', 'num-batch'],
  ['ubatch-size', 'n-ubatch'],
  ['threads', 'n-threads', 'num-thread'],
  ['threads-batch', 'n-threads-batch'],
  ['parallel', 'n-parallel', 'num-parallel', 'n-slots'],
  ['predict', 'n-predict', 'num-predict', 'max-tokens'],
  ['keep', 'n-keep', 'num-keep'],
  ['flash-attn', 'flash-attention', 'flash-attn-type'],
  ['cache-type-k', 'type-k', 'kv-cache-type-k'],
  ['cache-type-v', 'type-v', 'kv-cache-type-v'],
  ['kv-offload', 'offload-kqv', 'offload-kv'],
  ['cont-batching', 'continuous-batching'],
  ['model', 'model-path', 'gguf'],
  ['mmproj', 'mmproj-path', 'clip-model-path'],
  ['temp', 'temperature'],
  ['rope-freq-base', 'rope-base'],
  ['spec-draft-model', 'model-draft', 'draft-model'],
  ['spec-draft-ngl', 'gpu-layers-draft', 'n-gpu-layers-draft'],
  ['spec-draft-n-max', 'draft-max', 'draft-n', 'draft', 'n-draft'],
  ['spec-draft-n-min', 'draft-min', 'draft-n-min'],
  ['spec-draft-p-min', 'draft-p-min'],
  ['spec-draft-type-k', 'cache-type-k-draft'],
  ['spec-draft-type-v', 'cache-type-v-draft'],
  ['spec-draft-threads', 'threads-draft'],
  ['embedding', 'embeddings'],
  ['rerank', 'reranking'],
  ['ui', 'webui', 'web-ui'],
  ['lora', 'lora-adapter'],
  ['hf-repo', 'hf'],
  ['verbosity', 'log-verbosity'],
]

const groupOf = new Map(flagRenames.flatMap((group) => group.map((name) => [name, group] as const)))

/** Other names under which a binary may have this flag, the likeliest first; the name itself is left out. */
export function otherNames(key: string): readonly string[] {
  return (groupOf.get(key) ?? []).filter((name) => name !== key)
}
