import { mkdtempSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { silentLogger } from '../../../src/core/logger.ts'
import { plainLaunch } from '../../../src/lifecycle/launch-plan.ts'
import { startSupervisor } from '../../../src/lifecycle/supervisor/start-supervisor.ts'

// Starts an engine, prints its number, and ends by `process.exit`, or, with the word `dies`, by SIGKILL.
const dataDirectory = process.argv[3] ?? mkdtempSync(join(tmpdir(), 'llmr-test-'))
const supervisor = await startSupervisor({
  launches: [
    {
      name: 'tiny',
      bindHost: '127.0.0.1',
      planFor: (port) => ({
        ...plainLaunch,
        name: 'tiny',
        argv: ['sh', '-c', 'sleep 600 & exec sleep 600'],
        port,
        url: `http://127.0.0.1:${port}`,
      }),
    },
  ],
  dataDirectory,
  logger: silentLogger,
  report: () => undefined,
})
const { pid } = await supervisor.ensureReady('tiny')
writeSync(1, `${pid}\n`)
if (process.argv[2] === 'dies') process.kill(process.pid, 'SIGKILL')
if (process.argv[3] === undefined) rmSync(dataDirectory, { recursive: true })
process.exit(0)
