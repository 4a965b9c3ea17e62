import { z } from 'zod'

import { trustZones } from '../../core/trust.ts'
import { duration } from '../units.ts'
import { baseUrl, count, headerSecret, name } from './values.ts'

/** Models that work on what was said, after the reply. Where they are is said alike. */
const place = {
  backend: name
    .optional()
    .describe('One of backends that has it. Without backend and url the gateway itself is asked, as by any client.'),
  url: baseUrl
    .optional()
    .describe("Or a server of its own that speaks OpenAI's dialect, for example http://127.0.0.1:8081."),
  api_key: headerSecret.optional().describe('Sent to url as Bearer; use ${env.NAME}.'),
  may_leave: z
    .enum(trustZones)
    .default('lan')
    .describe(
      'The widest zone that conversations may be sent to for this; a server in a wider one is refused at the start.',
    ),
}

export const embeddings = z
  .strictObject({
    model: z.string().min(1).describe('The embedding model.'),
    ...place,
    dimensions: count.max(4_000).default(768).describe('Numbers in one of its vectors. Others are refused.'),
    batch: count.max(512).default(32).describe('Texts in one call.'),
    timeout: duration.prefault('30s').describe('How long one call may take.'),
    characters: z
      .int()
      .min(200)
      .max(100_000)
      .default(4_000)
      .describe('Of a question with its answer so much is given to the model, the beginning of both.'),
    document_prefix: z
      .string()
      .optional()
      .describe(
        "Put before what was said, for models that were trained so: 'search_document: '. A change counts from then on.",
      ),
    query_prefix: z.string().optional().describe("Put before what is searched for: 'search_query: '."),
  })
  .optional()
  .describe('Finds what was said by its meaning. Without it conversations are searched by their words alone.')

export const summaries = z
  .strictObject({
    model: z.string().min(1).describe('A chat model that writes them.'),
    ...place,
    above: count
      .min(500)
      .default(6_000)
      .describe('Tokens from which on a conversation is condensed, its last rounds aside.'),
    timeout: duration.prefault('2m').describe('How long one of them may take.'),
  })
  .optional()
  .describe('Long conversations are condensed for recall. What was said stays as it is beside them.')
