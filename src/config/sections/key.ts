import { z } from 'zod'

import { defaultTenant, scopes } from '../../core/principal.ts'
import { recallModes } from '../../core/recall-mode.ts'
import { trustZones } from '../../core/trust.ts'
import { marks } from '../schema-marks.ts'
import { count, name } from './values.ts'

/** One API key, in llmr.yaml and in the file of stored keys. */
export const keySchema = z.strictObject({
  name: name.describe('Shown in logs and limits instead of the key.'),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/, { error: 'expected 64 lower-case hex digits, the SHA-256 of the key' })
    .register(marks, { mark: 'secret' })
    .describe('SHA-256 of the key. The key itself is never written down.'),
  tenant: name
    .default(defaultTenant)
    .describe('Whose it is: what is kept and shown of the requests of one tenant is never seen by another.'),
  scopes: z.array(z.enum(scopes)).default(['chat']).describe('What the key may do.'),
  models: z.array(z.string()).optional().describe('Globs of the models it may use; all when absent.'),
  expires: z.iso.date().optional().describe('Last day (UTC) on which it works, such as 2030-12-31.'),
  may_leave: z.enum(trustZones).optional().describe('The widest zone its requests may fall back to.'),
  trust_user_headers: z
    .boolean()
    .default(false)
    .describe('Believe x-llmr-user from this key: what is kept is kept for each of its users alone.'),
  memory: z
    .enum(recallModes)
    .optional()
    .describe(
      'The most that its chats are given back of their conversations; memory.recall when absent. off: they are not kept either.',
    ),
  max_concurrent: count.optional().describe('Requests it may have in flight.'),
  requests_per_minute: count.optional().describe('Requests it may start in any minute.'),
})
