import { Flags } from '@oclif/core'

/** Of commands that ask a running gateway. */
export const gatewayFlags = {
  url: Flags.string({
    summary: 'Address of the gateway.',
    description: 'Default: LLMR_URL, else the gateway that runs on this machine. Its key is read from LLMR_KEY.',
    helpGroup: 'GATEWAY',
    helpValue: 'URL',
  }),
  data: Flags.string({
    summary: 'Data folder of the gateway on this machine.',
    helpGroup: 'GATEWAY',
    helpValue: 'DIR',
  }),
}
