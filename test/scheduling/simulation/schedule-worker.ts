import { parentPort, workerData } from 'node:worker_threads'

import { checkSchedules } from './check-schedules.ts'

// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker has one parent, and no origin
parentPort?.postMessage(checkSchedules(workerData))
