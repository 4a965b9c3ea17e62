import { parseArgs } from 'node:util'

import { runChaos } from './run-chaos.ts'

/** node --expose-gc test/chaos/swaps.ts [--swaps 1000] [--seed N] [--room 2] [--clients 12] [--close-amidst]; the exit code tells whether all was well. */
const { values } = parseArgs({
  options: {
    swaps: { type: 'string', default: '1000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    room: { type: 'string', default: '2' },
    clients: { type: 'string', default: '12' },
    'close-amidst': { type: 'boolean', default: false },
  },
})
const options = {
  swaps: Number(values.swaps),
  seed: Number(values.seed),
  roomFor: Number(values.room),
  clients: Number(values.clients),
  isClosedAmidst: values['close-amidst'],
}
console.log(`seed ${options.seed}`)
const { problems, swaps, counts, durationMs, openFiles, heapBytes } = await runChaos(options)
console.log(`${swaps} swaps in ${(durationMs / 1000).toFixed(1)} s, seed ${options.seed}`)
console.log(`open files: ${openFiles.before} before, ${openFiles.after} after`)
console.log(`heap: ${toMb(heapBytes.early)} MB after a tenth, ${toMb(heapBytes.late)} MB at the end`)
for (const [what, count] of Object.entries(counts)) console.log(`${String(count).padStart(7)}  ${what}`)
for (const problem of problems) console.error(`WRONG  ${problem}`)
process.exitCode = problems.length === 0 ? 0 : 1

function toMb(bytes: number): string {
  return (bytes / 1e6).toFixed(1)
}
