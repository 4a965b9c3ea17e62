import { answerCalls } from './program-channel.ts'

/** What a process has used. CPU counts every thread: garbage collection, file writes and name look-ups too. */
export interface MeterReading {
  readonly cpuUs: number
  /** The part of `cpuUs` that the kernel took for system calls. */
  readonly systemUs: number
  readonly rssBytes: number
  readonly heapUsedBytes: number
}

// Loaded into the program that is measured, by `node --import`, so that the program needs to know nothing of it.
answerCalls({
  read: (): MeterReading => reading(),
  /** Collects garbage first, so that what is left is what is held. Needs `node --expose-gc`. */
  readAfterCollection: async (): Promise<MeterReading> => {
    for (let round = 0; round < 3; round += 1) {
      // The last resort also gives back the pages that V8 keeps for its next growth.
      globalThis.gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' })
      await new Promise(setImmediate)
    }
    return reading()
  },
})
process.channel?.unref() // the program ends when its own work does

function reading(): MeterReading {
  const { user, system } = process.cpuUsage()
  const { rss, heapUsed } = process.memoryUsage()
  return { cpuUs: user + system, systemUs: system, rssBytes: rss, heapUsedBytes: heapUsed }
}
