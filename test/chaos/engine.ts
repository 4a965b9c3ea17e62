import { enableCompileCache } from 'node:module'

/** A simulated engine without the command line around it: a thousand of them must start in minutes. */
enableCompileCache()
const { runEngineProcess } = await import('../../src/sim/engine-process.ts')

const [port, model, loadTimeMs, seed] = process.argv.slice(2)
await runEngineProcess({
  options: {
    port: Number(port),
    ...(model !== undefined && { model }),
    loadTimeMs: Number(loadTimeMs),
    seed: Number(seed),
    slots: 2,
    decodeRate: 200,
    prefillRate: 2_000,
    timeScale: 1,
  },
  signals: process,
  onReady: () => undefined,
})
process.exit(0)
