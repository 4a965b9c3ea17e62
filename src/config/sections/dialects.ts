import { z } from 'zod'

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
  })
  .describe('How replies look to clients.')
