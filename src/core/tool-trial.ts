/** One request with tools that a model was given to see what becomes of it. */
export interface ToolTrial {
  /** `forced`: it had to call a tool. `auto`: it was told to. `result`: a tool has answered. `required`: some tool it needs none of. */
  readonly step: (typeof toolTrialSteps)[number]
  readonly status: number
  /** In the engine's words, when it refused. */
  readonly message?: string
  readonly calls: readonly { readonly name: string; readonly argumentsText: string }[]
  readonly text: string
}

const toolTrialSteps = ['forced', 'auto', 'result', 'required'] as const

/** What the model of a trial is offered. */
export const trialTool = {
  name: 'read_harbour_log',
  description: 'Returns the log of the harbour for one day.',
  parameters: { type: 'object', properties: { day: { type: 'integer' } }, required: ['day'] },
} as const
