import { z } from 'zod'

import { file } from './values.ts'

export const telemetry = z
  .strictObject({
    log: z
      .strictObject({
        level: z.enum(['debug', 'info', 'warn', 'error']).default('info').describe('Least severe level written.'),
        file: file.optional().describe('Write JSON lines there instead of to stdout.'),
        format: z
          .enum(['auto', 'json', 'pretty'])
          .default('auto')
          .describe('auto: pretty on a terminal, JSON elsewhere.'),
      })
      .prefault({})
      .describe('Logs never hold prompts, replies or secrets.'),
    recent_requests: z
      .int()
      .min(0)
      .max(100_000)
      .default(1_000)
      .describe('Finished requests that `llmr why` can explain.'),
  })
  .describe('What the operator sees.')
