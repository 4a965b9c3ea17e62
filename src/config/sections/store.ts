import { z } from 'zod'

import { duration, retention } from '../units.ts'
import { count, secret } from './values.ts'

export const store = z
  .strictObject({
    url: secret
      .regex(/^(?:embedded$|postgres(?:ql)?:\/\/)/, {
        error: 'expected postgres://USER:PASSWORD@HOST:PORT/NAME, or embedded',
      })
      .optional()
      .describe(
        'A PostgreSQL database (15 or newer, with pgvector), or embedded: the one in the data folder. Default: DATABASE_URL if it is set, else embedded.',
      ),
    connections: count.max(1_000).default(10).describe('Connections to PostgreSQL that one gateway may hold.'),
    statement_timeout: duration.prefault('5s').describe('A statement that takes longer is ended by PostgreSQL.'),
    request_timeout: duration
      .prefault('50ms')
      .describe(
        'How long one request may wait for the store in all; then it goes on without. More on a machine whose processors are all busy with models.',
      ),
    auto_migrate: z
      .boolean()
      .default(true)
      .describe('Bring the schema up to date at the start; if false, llmr migrate does, with a user that may.'),
    responses: z
      .strictObject({
        keep: retention
          .prefault('30d')
          .describe('How long a stored response can be come back to; going on from it keeps it that long again.'),
      })
      .prefault({})
      .describe('Replies of the Responses API.'),
    turns: z
      .strictObject({ keep: retention.prefault('90d').describe('How long conversations are kept.') })
      .prefault({})
      .describe('Conversations, where memory is not off.'),
    lineage: z
      .strictObject({ keep: retention.prefault('30d').describe('How long it is kept which way requests took.') })
      .prefault({})
      .describe('Which way requests took: numbers and names, no content.'),
  })
  .describe('Where llmr keeps what it remembers. Opened when it is needed; changes need a restart.')
