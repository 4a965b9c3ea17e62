import { expect } from 'vitest'

import { openaiResponsesDialect } from '../../../src/dialects/openai-responses/openai-responses-dialect.ts'
import { readResponseStream } from '../../support/read-response-stream.ts'
import { goldenTests } from '../golden-tests.ts'

goldenTests(openaiResponsesDialect, (stream, whole) => {
  expect(readResponseStream(stream).response).toEqual(whole)
})
