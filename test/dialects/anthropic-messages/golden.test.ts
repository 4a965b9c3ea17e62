import { expect } from 'vitest'

import { anthropicMessagesDialect } from '../../../src/dialects/anthropic-messages/anthropic-messages-dialect.ts'
import { readMessageStream } from '../../support/read-message-stream.ts'
import { goldenTests } from '../golden-tests.ts'

goldenTests(anthropicMessagesDialect, (stream) => {
  expect(readMessageStream(stream).isWhole).toBe(true)
})
