import { Flags } from '@oclif/core'

import { configFlag } from './config-flag.ts'
import { gatewayFlags } from './gateway-flags.ts'

/** Of every command that runs a worker. */
export const workerFlags = {
  once: Flags.boolean({ summary: 'End when nothing is left to do.' }),
  port: Flags.integer({
    summary: 'Show /healthz, /readyz and /metrics on this port; 0 takes a free one.',
    min: 0,
    max: 65535,
    helpValue: 'PORT',
  }),
  host: Flags.string({
    summary: 'Show them on this address; other machines need a key of the scope metrics for /metrics.',
    default: '127.0.0.1',
    helpValue: 'ADDRESS',
  }),
  'shutdown-timeout': Flags.integer({
    summary: 'How many seconds batches in hand may take after SIGTERM; what is not done by then is done by the next.',
    default: 10,
    min: 0,
    max: 3600,
    helpValue: 'SECONDS',
  }),
  config: configFlag,
  data: gatewayFlags.data,
}
