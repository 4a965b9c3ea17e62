import { Flags } from '@oclif/core'

import { configFlag } from './config-flag.ts'
import { gatewayFlags } from './gateway-flags.ts'

/** Of commands about what is kept, which ask a gateway, and where none runs what the configuration names. */
export const sourceFlags = {
  config: configFlag,
  ...gatewayFlags,
  url: Flags.string({
    summary: 'Address of the gateway.',
    description:
      'Default: LLMR_URL, else the gateway of the data folder. Where none runs, the store or NATS is asked that the ' +
      'configuration names. The key of a gateway is read from LLMR_KEY.',
    helpGroup: 'GATEWAY',
    helpValue: 'URL',
  }),
}
