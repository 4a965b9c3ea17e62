import { z } from 'zod'

import { duration } from '../units.ts'
import { count } from './values.ts'

export const resilience = z
  .strictObject({
    policy: z
      .enum(['round-robin', 'weighted', 'least-busy', 'latency', 'affinity', 'soonest', 'ordered'])
      .optional()
      .describe(
        'How one of several backends is chosen. Default: soonest among those that tell what they have in memory (another llmr, and profiles), else affinity.',
      ),
    connect_timeout: duration.prefault('3s').describe('To open a connection.'),
    first_byte_timeout: duration
      .prefault('10m')
      .describe(
        'From sending the request to the first byte of the reply. Reading a long prompt on a CPU takes minutes.',
      ),
    idle_timeout: duration.prefault('5m').describe('Longest silence inside a reply.'),
    max_attempts: z.int().min(1).max(10).default(3).describe('Backends asked for one request, the first included.'),
    health: z
      .strictObject({
        interval: duration.prefault('30s').describe('Between checks of a healthy backend.'),
        failing_interval: duration
          .prefault('2s')
          .describe('First interval after a failure; it doubles up to interval.'),
        timeout: duration.prefault('5s').describe('For one check.'),
      })
      .prefault({})
      .describe('Active checks.'),
    breaker: z
      .strictObject({
        failures: count.default(3).describe('Failures in a row that open it.'),
        open_for: duration
          .prefault('10s')
          .describe('How long it stays open before one trial request; doubles up to 5m.'),
        slow_first_byte: duration
          .optional()
          .describe('A first byte later than this counts as a failure. Off by default.'),
      })
      .prefault({})
      .describe('One circuit breaker for each backend and model.'),
  })
  .describe('What happens when a backend is slow, full or gone.')
