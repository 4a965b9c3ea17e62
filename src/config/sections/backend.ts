import { z } from 'zod'

import { trustZones } from '../../core/trust.ts'
import { size } from '../units.ts'
import { baseUrl, count, file, headerName, headerSecret, positive } from './values.ts'

export function backend(kinds: readonly string[]) {
  return z.strictObject({
    url: baseUrl.describe('Base address, for example http://127.0.0.1:8080. A /v1 at its end is left out.'),
    kind: z
      .enum(['auto', ...kinds])
      .default('auto')
      .describe('The engine; auto asks the server itself.'),
    trust: z
      .enum(trustZones)
      .optional()
      .describe('How far requests travel. Default: local on loopback, lan on private addresses, else cloud.'),
    api_key: headerSecret.optional().describe('Sent to this backend as Bearer; use ${env.NAME}.'),
    headers: z.record(headerName, headerSecret).prefault({}).describe('Further headers sent to this backend.'),
    models: z
      .array(z.string())
      .optional()
      .describe('Globs of the models to use from it. A name without * counts as present even if it lists none.'),
    weight: positive.optional().describe('Share of requests under the weighted policy; default: vram in GiB, else 1.'),
    vram: size.optional().describe('GPU memory of the machine, for the weighted policy.'),
    max_concurrent: count
      .optional()
      .describe('Requests in flight at once; default: the slots it reports, else no limit.'),
    context_length: count.optional().describe('Tokens of context, where the server does not say.'),
    paid: z
      .boolean()
      .default(false)
      .describe('Every request costs money: never probed with an inference unless --paid.'),
    tls: z
      .strictObject({
        ca: file.optional().describe('PEM file with the authority that signed its certificate.'),
        insecure: z.boolean().default(false).describe('Accept any certificate.'),
      })
      .optional()
      .describe('How its certificate is checked.'),
  })
}
