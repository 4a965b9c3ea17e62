import { z } from 'zod'

import { retention, size } from '../units.ts'
import { file, secret } from './values.ts'

export const events = z
  .strictObject({
    url: secret
      .regex(/^(?:(?:nats|tls):\/\/[^,]+)(?:,(?:nats|tls):\/\/[^,]+)*$/, {
        error: 'expected nats://USER:PASSWORD@HOST:PORT, several with commas between them',
      })
      .optional()
      .describe(
        'A NATS server with JetStream (2.10 or newer) that carries events to workers. Default: NATS_URL if it is set, else the store carries them, and this process works on them.',
      ),
    credentials: file
      .optional()
      .describe('A file of credentials (.creds) for NATS, in place of a user and a password in the address.'),
    tls: z
      .strictObject({
        ca: file.optional().describe('Certificate of the authority that the server is trusted by.'),
        cert: file.optional().describe('Certificate that llmr shows, where the server asks for one.'),
        key: file.optional().describe('Key of that certificate.'),
      })
      .refine(({ cert, key }) => (cert === undefined) === (key === undefined), {
        error: 'expected cert and key together',
      })
      .optional()
      .describe('For a NATS server that speaks TLS, beside what this machine trusts anyway.'),
    give_up_after: retention
      .prefault('7d')
      .describe('An event that no worker could work on for so long is let go, and counted.'),
    keep: retention
      .prefault('72h')
      .describe(
        'How long the tables of the store keep events that every worker is done with, for workers that are yet to come. NATS has limits of its own.',
      ),
    keep_undone: retention
      .prefault('30d')
      .describe('How long the tables keep an event for a worker that does not come.'),
    keep_dead_letters: retention
      .prefault('30d')
      .describe('How long the tables keep events that could never be worked on.'),
    spool: size
      .prefault('256MiB')
      .describe(
        'Disk that events may take in the data folder while the bus does not take them; what finds no room is dropped and counted.',
      ),
  })
  .describe('What is told after the reply, to whoever works on it later. Changes need a restart.')
