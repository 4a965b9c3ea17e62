import { z } from 'zod'

import { scopes } from '../../core/principal.ts'
import { durationOrZero } from '../units.ts'
import { secret } from './values.ts'
import { keySchema } from './key.ts'

export const auth = z
  .strictObject({
    required: z
      .boolean()
      .optional()
      .describe('Default: required as soon as a key or jwt is configured. Without auth only loopback can be bound.'),
    keys: z
      .array(keySchema)
      .default([])
      .describe('API keys, beside those that `llmr keys create` keeps in the data folder.'),
    jwt: z
      .strictObject({
        secret: secret.min(32).optional().describe('HS256 secret, at least 32 characters; use ${env.NAME}.'),
        jwks_url: z.url().optional().describe('Where RS256/ES256 public keys are read.'),
        issuer: z.string().optional().describe('Required value of iss.'),
        audience: z.string().optional().describe('Required value of aud.'),
        tenant_claim: z
          .string()
          .min(1)
          .optional()
          .describe(
            'The claim that names the tenant of whoever has the token; a token without it is refused. Default: all are of one tenant.',
          ),
        clock_skew: durationOrZero.prefault('30s').describe('Tolerance for exp and nbf.'),
        scopes: z.array(z.enum(scopes)).default(['chat']).describe('Scopes of a token that has no scope claim.'),
      })
      .optional()
      .describe('Accept JSON web tokens as Bearer credentials.'),
  })
  .describe('Who may ask.')
