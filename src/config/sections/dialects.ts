import { z } from 'zod'

import { loadingStates } from '../../core/wait-progress.ts'
import { duration, size } from '../units.ts'
import { count } from './values.ts'

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
    images: z
      .strictObject({
        max_size: size.prefault('20MiB').describe('Largest image in a chat.'),
        max_count: count.default(100).describe('Most images in one chat request, those of its history among them.'),
        fetch: z
          .boolean()
          .default(false)
          .describe('Fetch images of which a client sends only the address; never from private networks.'),
        fetch_timeout: duration.prefault('10s').describe('Time that all images of a request have to come.'),
        private_hosts: z
          .array(z.string().min(1))
          .default([])
          .describe('Host names and addresses in private networks from which images may be fetched all the same.'),
      })
      .prefault({})
      .describe('Images in chats. Each is checked before it goes to an engine.'),
  })
  .describe('How replies look to clients.')
