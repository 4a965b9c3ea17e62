import { z } from 'zod'

import { recallModes } from '../../core/recall-mode.ts'
import { withShortForm } from '../short-form.ts'
import { embeddings, summaries } from './memory-models.ts'
import { count } from './values.ts'

const kept = ['off', 'authenticated', 'on'] as const

export const memory = withShortForm(
  z.strictObject({
    keep: z
      .enum(kept)
      .default('off')
      .describe(
        "Whose conversations are kept in the store: nobody's, those of clients with a key, or everybody's (who has no key shares them with all others who have none). A request with x-llmr-memory: off is never kept.",
      ),
    recall: z
      .enum(recallModes)
      .default('hybrid')
      .describe(
        'What a chat is given back of its own conversation, beside what its client sends along. window: the last messages. hybrid: also the earlier ones that fit the question. A key, and a request with x-llmr-memory, can only narrow it.',
      ),
    budget: count
      .default(1_500)
      .describe('Tokens that this may take of a prompt; never more than a quarter of what is free in the context.'),
    embeddings,
    summaries,
  }),
  { key: 'keep', words: kept },
).describe('Conversations that are remembered: see memory.md. In short: memory: on. Changes need a restart.')
