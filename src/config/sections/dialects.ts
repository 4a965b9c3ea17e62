import { z } from 'zod'

import { loadingStates } from '../../core/wait-progress.ts'
import { duration } from '../units.ts'

export const dialects = z
  .strictObject({
    keep_alive: z
      .strictObject({
        interval: duration.prefault('10s').describe('Silence after which a stream gets a sign of life.'),
        delta_interval: duration
          .prefault('60s')
          .describe('Silence after which the sign is an empty delta, for clients that ignore comments.'),
      })
      .prefault({})
      .describe('Keeps clients from giving up while an engine reads a long prompt.'),
    loading_state: z
      .enum(loadingStates)
      .default('comment')
      .describe(
        'How a stream that waits for a model shows its place in line and the time left: as comments, which programs do not see, as reasoning, as events of their own, or not at all. The header x-llmr-loading asks for another.',
      ),
  })
  .describe('How replies look to clients.')
