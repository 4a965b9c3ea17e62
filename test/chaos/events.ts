import { parseArgs } from 'node:util'

import { formatTable } from '../../src/cli/table.ts'
import { runEventsChaos } from './events/run-events-chaos.ts'

/** node test/chaos/events.ts [--turns 20000] [--seed N] [--kills 5] [--outage 60] [--clients 16]; the exit code tells whether all was well. */
const { values } = parseArgs({
  options: {
    turns: { type: 'string', default: '20000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    kills: { type: 'string', default: '5' },
    outage: { type: 'string', default: '60' },
    clients: { type: 'string', default: '16' },
    poison: { type: 'string', default: '30' },
  },
})
console.log(`seed ${values.seed}`)
const { problems, figures, folder } = await runEventsChaos({
  turns: Number(values.turns),
  seed: Number(values.seed),
  killsEach: Number(values.kills),
  outageMs: Number(values.outage) * 1_000,
  clients: Number(values.clients),
  poison: Number(values.poison),
  note: (line) => console.log(line),
})
const rows = figures.map(([what, value]) => [what, String(value)])
console.log(formatTable(['what', 'figure'], rows))
for (const problem of problems) console.error(`WRONG  ${problem}`)
if (problems.length > 0) console.error(`The logs are in ${folder}.`)
console.log(problems.length === 0 ? 'nothing lost, nothing doubled' : 'not well')
process.exitCode = problems.length === 0 ? 0 : 1
