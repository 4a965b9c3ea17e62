import { expect } from 'vitest'

import { ollamaDialect } from '../../../src/dialects/ollama/ollama-dialect.ts'
import { readReplyLines } from '../../support/read-reply-lines.ts'
import { goldenTests } from '../golden-tests.ts'

goldenTests(ollamaDialect, (stream) => expect(readReplyLines(stream).isWhole).toBe(true))
