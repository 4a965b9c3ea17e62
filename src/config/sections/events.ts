import { z } from 'zod'

import { size } from '../units.ts'
import { secret } from './values.ts'

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
    spool: size
      .prefault('256MiB')
      .describe(
        'Disk that events may take in the data folder while the bus does not take them; what finds no room is dropped and counted.',
      ),
  })
  .describe('What is told after the reply, to whoever works on it later. Changes need a restart.')
