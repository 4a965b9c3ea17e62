import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'

import type { ChatOutline } from '../../../../src/core/chat/chat-outline.ts'
import { anthropicMessagesDialect } from '../../../../src/dialects/anthropic-messages/anthropic-messages-dialect.ts'
import { readChat } from '../../../../src/dialects/openai/chat/read-chat.ts'
import { openaiResponsesDialect } from '../../../../src/dialects/openai-responses/openai-responses-dialect.ts'
import { outlineRequest } from '../../../../src/routing/outline-request.ts'
import { classifyRequest } from '../../../../src/routing/classify-request.ts'
import { claimsOf } from '../../../../src/memory/identity/claims-of.ts'
import { conversationKey } from '../../../../src/gateway/request/memory/conversation-key.ts'
import { outlineOf } from '../../../routing/samples.ts'
import { captureFile } from '../../../support/capture-file.ts'

interface Recorded {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: Readonly<Record<string, unknown>> | null
}

const scope = { tenant: 'home', principal: 'ada' }
const facts = { requestId: '0190-ab', createdAtMs: 0, path: '', mintId: () => 'minted' }

/** The chats of one recording that are remembered, as they show themselves. */
function rememberedIn(file: string) {
  const { requests } = JSON.parse(readFileSync(file, 'utf8')) as { requests: readonly Recorded[] }
  return requests.flatMap(({ url, headers, body }) => {
    const json = body ?? undefined
    const request = json && requestOf(url, json)
    if (json === undefined || request === undefined) return []
    const { kind } = classifyRequest({ operation: 'chat', outline: outlineRequest(request) })
    if (kind === 'background') return []
    const lower = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
    const exchange = { request: { headers: lower } } as unknown as Parameters<typeof conversationKey>[0]
    const key = conversationKey(exchange, { request: { json } } as Parameters<typeof conversationKey>[1])
    const claims = claimsOf({ scope, messages: request.messages, key })
    return claims === undefined ? [] : [claims]
  })
}

function requestOf(
  url: string,
  json: Readonly<Record<string, unknown>>,
): ReturnType<typeof readChat>['request'] | undefined {
  if (url.includes('/messages')) return anthropicMessagesDialect.readChat(json, facts).request
  if (url.includes('/responses')) return openaiResponsesDialect.readChat(json, facts).request
  return url.includes('/chat/completions') ? readChat(json).request : undefined
}

const sessions = ['claude-tool', 'cn-tool', 'codex-tool', 'opencode-tool', 'opencode-anthropic', 'opencode-responses']

describe.for(sessions)('%s', (name) => {
  const file = captureFile(name)

  test.skipIf(!existsSync(file))('says the same words in each request of its session, and has one key', () => {
    const claims = rememberedIn(file)
    expect(claims.length).toBeGreaterThan(1)
    expect(new Set(claims.map(({ current }) => current.chain)).size).toBe(1)
    expect(new Set(claims.map(({ key }) => JSON.stringify(key))).size).toBe(1)
    expect(claims[0]?.key === undefined).toBe(name.startsWith('cn-'))
    expect(claims.at(-1)).toMatchObject({ isStep: true, callIds: [expect.any(String)] })
  })
})

test.skipIf(!existsSync(captureFile('claude-subagent')))(
  'the agents of one session begin alike and are conversations of their own',
  () => {
    const keys = new Set(rememberedIn(captureFile('claude-subagent')).map(({ key }) => JSON.stringify(key)))
    expect(keys.size).toBe(6)
  },
)

test('what clients ask on their own account is never kept, and no turn of a person is dropped (N1.11)', () => {
  const fixture = join(import.meta.dirname, '../../../fixtures/routing/classifications.yaml')
  const { background, ...others } = parse(readFileSync(fixture, 'utf8')) as Readonly<Record<string, readonly Sample[]>>
  const isKept = ({
    user,
    system = '',
    roles = system === '' ? ['user'] : ['system', 'user'],
    ...parts
  }: Sample): boolean => {
    const outline = outlineOf({ isStream: false, ...parts, lastUserText: user, systemText: system, roles })
    return classifyRequest({ operation: 'chat', outline }).kind !== 'background'
  }
  const kept = background?.filter(isKept) ?? []
  const genuine = Object.values(others).flat()
  const dropped = genuine.filter((sample) => !isKept(sample))
  console.log(
    `${kept.length} of ${background?.length} background requests kept, ${dropped.length} of ${genuine.length} genuine turns dropped`,
  )
  expect([kept, dropped]).toEqual([[], []])
})

interface Sample extends Partial<Omit<ChatOutline, 'lastUserText' | 'systemText'>> {
  readonly user: string
  readonly system?: string
}
