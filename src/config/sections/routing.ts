import { z } from 'zod'

import { duration } from '../units.ts'
import { positive } from './values.ts'

export const routing = z
  .strictObject({
    default_model: z
      .string()
      .optional()
      .describe('Used when a request names no model. Default: the only model there is, else the one last used.'),
    heuristics: z
      .strictObject({
        threshold: positive.default(1).describe('Sum of weights from which a topic counts.'),
        keywords: z
          .record(z.string(), z.record(z.string(), positive))
          .optional()
          .describe(
            'topic → keyword → weight; matched as whole words, in any case, in the last user message. Default: a list for coding.',
          ),
      })
      .prefault({})
      .describe('Fast, deterministic choice by words.'),
    intent: z
      .strictObject({
        model: z.string().describe('A small model that answers JSON.'),
        timeout: duration.prefault('800ms').describe('After this the heuristics decide.'),
      })
      .optional()
      .describe('Ask a small model what the last user message wants. Off by default.'),
  })
  .describe('Which model serves a request.')
