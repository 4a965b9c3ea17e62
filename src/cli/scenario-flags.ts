import { Flags } from '@oclif/core'

/** Of commands that replay a workload: what its models need, and the host they run on. */
export const modelFlags = {
  size: Flags.string({
    summary: 'Memory one model needs; may be repeated.',
    multiple: true,
    default: [],
    helpGroup: 'MODELS',
    helpValue: 'MODEL=SIZE',
  }),
  sizes: Flags.string({
    summary: 'Memory of models not named, dealt out in turn, the model asked for most first.',
    default: ['16GB'],
    multiple: true,
    delimiter: ',',
    helpGroup: 'MODELS',
    helpValue: 'SIZE',
  }),
  slots: Flags.integer({
    summary: 'Requests a model works on at once.',
    default: 4,
    min: 1,
    helpGroup: 'MODELS',
    helpValue: 'N',
  }),
}

export const hostFlags = {
  'bus-gbps': Flags.string({
    summary: 'Gigabytes a second from the page cache into VRAM.',
    default: '6',
    helpGroup: 'HOST',
    helpValue: 'NUMBER',
  }),
  spawn: Flags.string({
    summary: 'From exec until an engine reads its model.',
    default: '1500ms',
    helpGroup: 'HOST',
    helpValue: 'DURATION',
  }),
  stop: Flags.string({
    summary: 'From the signal until VRAM is free.',
    default: '800ms',
    helpGroup: 'HOST',
    helpValue: 'DURATION',
  }),
}

export const maxWaitFlag = Flags.string({
  summary: 'From here on a waiting request is overdue.',
  default: '60s',
  helpGroup: 'REPLAY',
  helpValue: 'DURATION',
})

export const policyFlag = Flags.string({
  summary: 'Policies to compare: ripe, fifo, or the path of a module of your own.',
  default: ['ripe', 'fifo'],
  helpGroup: 'REPLAY',
  helpValue: 'NAME|FILE',
  multiple: true,
  delimiter: ',',
})
