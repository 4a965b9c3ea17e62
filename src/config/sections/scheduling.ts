import { z } from 'zod'

import { duration, size } from '../units.ts'
import { count, file, name, positive } from './values.ts'

export const scheduling = z
  .strictObject({
    policy: z
      .union([z.enum(['ripe', 'fifo']), file.regex(/^(\.{1,2}\/|\/).+\.(js|mjs|ts)$/)], {
        error: 'expected ripe, fifo, or the path of a module such as ./my-policy.js',
      })
      .default('ripe')
      .describe(
        'Which model is brought in next: when its queue has waited enough to be worth the swap (ripe), in order of arrival (fifo), or as a module of your own says (see swapping.md; its changes need a restart).',
      ),
    max_wait: duration
      .prefault('60s')
      .describe('A request that has waited so long is overdue: at least every second swap is then for the oldest one.'),
    queue: z
      .strictObject({
        timeout: duration.prefault('10m').describe('Longest wait for a turn; must exceed max_wait.'),
        per_model: count.default(100).describe('Requests that may wait for one model; one more is refused with 429.'),
        total: count.default(2_000).describe('Requests that may wait in all.'),
      })
      .prefault({})
      .describe('Those who wait.'),
    pools: z
      .record(name, size)
      .optional()
      .describe(
        'Memory that models may fill, by pool such as gpu0. Default: one pool, ram, with what this machine has free at the start.',
      ),
    saved_conversations: size
      .prefault('8GiB')
      .describe('Disk for conversations of profiles with save_slots while their model is out of memory, all together.'),
    groups: z
      .record(
        name,
        z.strictObject({
          swap: z.boolean().default(true).describe('One member at a time.'),
          exclusive: z.boolean().default(true).describe('Starting a member puts out the members of other groups.'),
          persistent: z.boolean().default(false).describe('Other groups cannot put its members out.'),
        }),
      )
      .prefault({})
      .describe('Groups that profiles name as theirs.'),
    matrix: z
      .strictObject({
        sets: z.record(name, z.string()).describe('Models that may be in memory together: a & b | (c & +other_set).'),
        variables: z.record(name, z.string()).prefault({}).describe('Short names for models.'),
        evict_costs: z
          .record(z.string(), positive)
          .prefault({})
          .describe('How much an eviction costs beside the others.'),
      })
      .optional()
      .describe('Sets of models that may be in memory together, beside what fits.'),
  })
  .describe('Who of the profiles is in memory.')
