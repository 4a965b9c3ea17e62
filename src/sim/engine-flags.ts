/**
 * A command line as a launcher writes it for llama-server, in the spelling of `llmr sim`: flags of more than one letter
 * after one dash are written out, and those that mean nothing without a model are dropped with their values.
 */
export function fromEngineFlags(argv: readonly string[]): string[] {
  const kept: string[] = []
  for (let index = 0; index < argv.length; index += 1) {
    const [name, value] = splitValue(argv[index] ?? '')
    const next = argv[index + 1]
    const hasNext = value === undefined && next !== undefined && isValue(next)
    if (isMeaningless(name, value ?? (hasNext ? next : undefined))) {
      if (hasNext) index += 1
    } else {
      kept.push([longNames.get(name) ?? name, value].filter((part) => part !== undefined).join('='))
    }
  }
  return kept
}

const longNames: ReadonlyMap<string, string> = new Map([
  ['-np', '--parallel'],
  ['--embedding', '--embeddings'],
  ['--rerank', '--reranking'],
])

/** Flags of llama-server about the machine, the files and the sampling, none of which a simulation has. */
const meaningless: ReadonlySet<string> = new Set(
  (
    '-t --threads -tb --threads-batch -ngl --gpu-layers --n-gpu-layers -fa --flash-attn -b --batch-size ' +
    '-ub --ubatch-size -ctk --cache-type-k -ctv --cache-type-v -sm --split-mode -ts --tensor-split -mg --main-gpu ' +
    '-dev --device -lm --load-mode --mlock --mmap --no-mmap --numa --jinja --no-jinja --metrics --no-slots --props ' +
    '--webui --no-webui -n --predict --n-predict --temp --top-k --top-p --min-p --repeat-penalty ' +
    '--presence-penalty --frequency-penalty --chat-template --chat-template-file --reasoning-format ' +
    '--reasoning-budget -mm --mmproj --pooling --rope-scaling --rope-scale --rope-freq-base -cb --cont-batching ' +
    '-to --timeout --no-warmup --warmup -v --verbose -lv --log-verbosity --log-file --no-perf --cache-reuse ' +
    '-cram --cache-ram -kvu --kv-unified -md --model-draft --draft-max --draft-min -hf --hf-repo'
  ).split(' '),
)

function isMeaningless(name: string, value: string | undefined): boolean {
  // Theirs switches an endpoint on; ours has a value, how many there are.
  if (name === '--slots') return value === undefined
  return meaningless.has(name)
}

/** Negative numbers are values too. */
function isValue(word: string): boolean {
  return !word.startsWith('-') || /^-\d/.test(word)
}

function splitValue(word: string): readonly [name: string, value: string | undefined] {
  const at = word.indexOf('=')
  return word.startsWith('--') && at > 0 ? [word.slice(0, at), word.slice(at + 1)] : [word, undefined]
}
