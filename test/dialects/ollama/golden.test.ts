import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'

import { expect, test } from 'vitest'

import { replyOf } from '../../../src/core/chat/reply.ts'
import type { ReplyPart } from '../../../src/core/chat/reply-part.ts'
import { ollamaDialect } from '../../../src/dialects/ollama/ollama-dialect.ts'
import { readReplyLines } from '../../support/read-reply-lines.ts'

const folder = join(import.meta.dirname, '../../fixtures/dialects/ollama')

function factsFor(path: string) {
  return {
    requestId: '0199a8d2-0000-7000-8000-000000000001',
    createdAtMs: Date.UTC(2026, 0, 1),
    path,
    mintId: () => expect.unreachable('nothing is numbered by chance'),
    elapsedMs: () => 1500,
  }
}

interface RequestCase {
  readonly path: string
  readonly request: Record<string, unknown>
  readonly neutral: unknown
  readonly notes: readonly string[]
  readonly idleMs?: number | 'for good'
}

interface ReplyCase {
  readonly path: string
  readonly request: Record<string, unknown>
  readonly parts: readonly ReplyPart[]
  readonly whole: unknown
  /** Line by line. */
  readonly stream: readonly unknown[]
}

function cases(kind: string): { readonly name: string; readonly file: string }[] {
  return globSync(join(folder, kind, '*.json')).map((file) => ({ name: basename(file, '.json'), file }))
}

test.for(cases('requests'))('the request "$name" is read as its golden file says', ({ file }) => {
  const golden = JSON.parse(readFileSync(file, 'utf8')) as RequestCase
  const { request, notes, residence } = ollamaDialect.readChat(golden.request, factsFor(golden.path))
  const idleMs = residence?.idleMs === Infinity ? 'for good' : residence?.idleMs
  expect({ request, notes, idleMs }).toEqual({ request: golden.neutral, notes: golden.notes, idleMs: golden.idleMs })
})

test.for(cases('replies'))('the reply "$name" is said as its golden file says', ({ file }) => {
  const golden = JSON.parse(readFileSync(file, 'utf8')) as ReplyCase
  const chat = ollamaDialect.readChat(golden.request, factsFor(golden.path))
  expect(JSON.parse(chat.writeReply(replyOf(golden.parts), 'asked'))).toEqual(golden.whole)
  const writer = chat.openStream('asked', 30)
  const stream = golden.parts.map((part) => writer.write(part)).join('') + writer.end()
  const lines = stream.trimEnd().split('\n')
  expect(lines.map((line): unknown => JSON.parse(line))).toEqual(golden.stream)
  expect(readReplyLines(stream).isWhole).toBe(true)
})
