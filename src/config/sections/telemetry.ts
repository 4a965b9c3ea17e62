import { z } from 'zod'

import { file } from './values.ts'

const pattern = z
  .string()
  .min(1)
  .refine(isPattern, { error: 'expected a regular expression, as JavaScript writes them' })

const recording = z
  .strictObject({
    allow: z.boolean().default(true).describe('Whoever has the scope admin may record requests; false: nobody may.'),
    redact: z
      .array(pattern)
      .default([])
      .describe('Regular expressions of what must not be recorded, beside secrets in their usual forms.'),
    home_paths: z
      .enum(['redact', 'keep'])
      .default('redact')
      .describe('What becomes of /home/NAME, /Users/NAME and their like: a tilde, or nothing.'),
  })
  .describe('`llmr record`: requests with what is said in them. Nothing is recorded unless somebody asks for it.')

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
    recording: recording.prefault({}),
    recent_requests: z
      .int()
      .min(0)
      .max(100_000)
      .default(1_000)
      .describe('Finished requests that `llmr why` can explain.'),
  })
  .describe('What the operator sees.')

function isPattern(text: string): boolean {
  try {
    return RegExp(text, 'g').global
  } catch {
    return false
  }
}
