import { z } from 'zod'

import { capabilityNames } from '../../core/model.ts'
import { trustZones } from '../../core/trust.ts'
import { count } from './values.ts'

export const model = z.strictObject({
  backends: z
    .array(z.string())
    .optional()
    .describe('Names or globs of backends, in order of preference. Default: every backend that has it.'),
  upstream: z.string().optional().describe("The engine's name for it. Default: the name asked for."),
  aliases: z.array(z.string()).default([]).describe('Other names for it.'),
  fallbacks: z.array(z.string()).default([]).describe('Models tried in order when no backend can serve it.'),
  policy: z
    .enum(['round-robin', 'weighted', 'least-busy', 'latency', 'affinity', 'soonest', 'ordered'])
    .optional()
    .describe('How one of several backends is chosen. Default: resilience.policy.'),
  may_leave: z.enum(trustZones).optional().describe('The widest zone it may fall back to; the key must allow it too.'),
  context_length: count.optional().describe('Tokens of context, where the backend does not say.'),
  capabilities: z.array(z.enum(capabilityNames)).optional().describe('What it can do, where the backend does not say.'),
  moderates_by: z
    .enum(['endpoint', 'chat'])
    .default('endpoint')
    .describe(
      'For /v1/moderations: the backend has a moderation endpoint, or the model is a guard that answers in chat.',
    ),
  unlisted: z.boolean().default(false).describe('Usable, but not in the model list.'),
  pick: z
    .strictObject({
      general: z.string().describe('The model for everything else.'),
      coding: z.string().optional().describe('For coding, as the heuristics or the intent model see it.'),
      agent: z.string().optional().describe('For requests with tools.'),
      vision: z.string().optional().describe('For requests with images.'),
      long: z.string().optional().describe('For prompts that do not fit the context of the others.'),
      background: z.string().optional().describe('For titles, tags and follow-ups that clients ask for by themselves.'),
    })
    .optional()
    .describe('Makes it a virtual model: a name that is a decision.'),
})
