import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'

import { expect, test } from 'vitest'

import { replyOf } from '../../src/core/chat/reply.ts'
import type { ReplyPart } from '../../src/core/chat/reply-part.ts'
import type { ChatDialect } from '../../src/dialects/chat-dialect.ts'

interface RequestCase {
  /** Of dialects with several. */
  readonly path?: string
  readonly request: Record<string, unknown>
  readonly neutral: unknown
  readonly notes: readonly string[]
}

interface ReplyCase {
  readonly path?: string
  readonly request: Record<string, unknown>
  readonly parts: readonly ReplyPart[]
  readonly whole: unknown
  /** Line by line. */
  readonly stream: readonly string[]
}

/**
 * A test for each golden file of a dialect: requests as they are read, and replies as they are said, whole and streamed.
 *
 * @param checkStream what else must be true of a stream that ended, as a client reads it
 */
export function goldenTests(dialect: ChatDialect, checkStream: (stream: string, whole: unknown) => void): void {
  const folder = join(import.meta.dirname, '../fixtures/dialects', dialect.name)
  const cases = (kind: string) =>
    globSync(join(folder, kind, '*.json')).map((file) => ({ name: basename(file, '.json'), file }))
  const facts = ({ path = '' }: { readonly path?: string }) => ({
    requestId: '0199a8d2-0000-7000-8000-000000000001',
    createdAtMs: 1_700_000_000_000,
    path,
    mintId: () => expect.unreachable('nothing is numbered by chance'),
    elapsedMs: () => 1_500,
  })

  test.for(cases('requests'))('the request "$name" is read as its golden file says', ({ file }) => {
    const golden = JSON.parse(readFileSync(file, 'utf8')) as RequestCase
    const { request, notes } = dialect.readChat(golden.request, facts(golden))
    expect({ request, notes }).toEqual({ request: golden.neutral, notes: golden.notes })
  })

  test.for(cases('replies'))('the reply "$name" is said as its golden file says', ({ file }) => {
    const golden = JSON.parse(readFileSync(file, 'utf8')) as ReplyCase
    const chat = dialect.readChat(golden.request, facts(golden))
    expect(JSON.parse(chat.writeReply(replyOf(golden.parts), 'asked', { isKept: true }))).toEqual(golden.whole)
    const writer = chat.openStream('asked', 30)
    const stream = golden.parts.map((part) => writer.write(part)).join('') + writer.end({ isKept: true })
    expect(stream.split('\n')).toEqual(golden.stream)
    checkStream(stream, golden.whole)
  })
}
