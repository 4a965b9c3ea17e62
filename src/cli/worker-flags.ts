import { Flags } from '@oclif/core'

import { configFlag } from './config-flag.ts'
import { gatewayFlags } from './gateway-flags.ts'

/** Of every command that runs a worker. */
export const workerFlags = {
  once: Flags.boolean({ summary: 'End when nothing is left to do.' }),
  port: Flags.integer({
    summary: 'Show /healthz and /metrics on this port of 127.0.0.1; 0 takes a free one.',
    min: 0,
    max: 65535,
  }),
  config: configFlag,
  data: gatewayFlags.data,
}
