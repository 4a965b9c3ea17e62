import { expect, test } from 'vitest'

import { replyFormats } from '../../../src/toolcalls/formats/reply-formats.ts'
import { adversarialReplies } from '../../support/toolcalls/adversarial-replies.ts'
import { mergedReply, parseChunks } from '../../support/toolcalls/merge-events.ts'

const length = 131_072

/** Were anything of it looked at again and again, this would take hours; `test/bench/toolcalls/adversarial.ts` measures it. */
test.each(replyFormats.map((format) => [format.id, format] as const))(
  'no text keeps the parser of %s busy, or holds it for ever',
  (_, format) => {
    for (const [name, text] of adversarialReplies(format, length)) {
      const chunks = text.match(/[\s\S]{1,64}/g) ?? []
      const { content, reasoning, calls } = mergedReply(parseChunks(chunks, { format, tools: [] }))
      // Escapes may be written longer than they came.
      const said = content.length + reasoning.length + calls.reduce((sum, call) => sum + call.argumentsText.length, 0)
      expect(said, name).toBeLessThanOrEqual(2 * text.length)
    }
  },
)
