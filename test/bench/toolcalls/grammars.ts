import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { replyFormats } from '../../../src/toolcalls/formats/reply-formats.ts'
import { realLlamaServer, startLlamaServer } from '../../services/llama-server.ts'
import { tinyGguf } from '../../services/tiny-gguf.ts'
import { allMarkers, type GrammarTrial, tryGrammar } from '../../support/toolcalls/grammar-trial.ts'
import { toolSets } from '../../support/toolcalls/tool-schemas.ts'

/**
 * `node test/bench/toolcalls/grammars.ts [FORMAT…]`: a real llama-server with random weights writes under the grammar of
 * every format, with every set of tools. What it writes must be calls that fit; a reply that ran out of tokens is counted apart.
 */
const engine = await realLlamaServer()
if ('skip' in engine) throw new Error(engine.skip)
const wanted = process.argv.slice(2)
const formats = replyFormats.filter(
  ({ id, calls, channels }) =>
    (calls.length > 0 || channels !== undefined) && (wanted.length === 0 || wanted.includes(id)),
)
const folder = mkdtempSync(join(tmpdir(), 'llmr-bench-'))
const model = join(folder, 'tiny.gguf')
writeFileSync(model, tinyGguf({ markers: allMarkers, endBias: 1 }))
const server = await startLlamaServer(engine.path, ['-m', model, '-c', '16384', '-np', '4', '--no-warmup'])
const trials: readonly (GrammarTrial & { readonly set: string })[] = formats.flatMap((format) =>
  Object.entries(toolSets).flatMap(([set, tools], at) => [
    { format, set, tools, strictness: 'full' as const, mode: 'forced' as const, seed: at + 1, tokensMax: 1500 },
    { format, set, tools, strictness: 'full' as const, mode: 'lazy' as const, seed: at + 51, tokensMax: 1500 },
    { format, set, tools, strictness: 'loose' as const, mode: 'forced' as const, seed: at + 101, tokensMax: 1500 },
  ]),
)
const counts = { good: 0, cut: 0, uncalled: 0, wrong: 0, refused: 0 }
const queue = [...trials]
await Promise.all(Array.from({ length: 4 }, work))
await server.close()
rmSync(folder, { recursive: true })
console.log(`${trials.length} replies of ${formats.length} formats:`, JSON.stringify(counts))
process.exitCode = counts.wrong + counts.refused === 0 ? 0 : 1

async function work(): Promise<void> {
  for (let trial = queue.shift(); trial !== undefined; trial = queue.shift()) {
    const result = await tryGrammar(server.url, trial)
    const kind = kindOf(result, trial)
    counts[kind]++
    if (kind === 'good' || kind === 'cut' || (kind === 'uncalled' && trial.mode === 'lazy')) continue
    const said = JSON.stringify(result.text.slice(0, 500))
    console.log(
      `${kind} ${trial.format.id} ${trial.mode} ${trial.strictness} ${trial.set}: ${result.problems[0] ?? ''} ${said}`,
    )
  }
}

function kindOf(result: Awaited<ReturnType<typeof tryGrammar>>, { mode }: GrammarTrial): keyof typeof counts {
  if (result.status !== 200) return 'refused'
  if (result.problems.length > 0) return 'wrong'
  if (result.calls > 0) return 'good'
  if (result.stop === 'limit') return 'cut'
  return mode === 'lazy' ? 'uncalled' : 'wrong'
}
